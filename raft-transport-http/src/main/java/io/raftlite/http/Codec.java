package io.raftlite.http;

import io.raftlite.Envelope;
import io.raftlite.Message;

/**
 * Turns messages into bodies and back; the envelope travels beside the body.
 *
 * <p>The {@code Content-Type} of a request chooses the codec, and its answer comes in the same one. Decoders trust
 * nothing: whatever the bytes are, they return a valid message or say in a sentence what is wrong with them.
 */
interface Codec {
    /** Returns the media type that names this codec. */
    String contentType();

    byte[] encodeRequest(Message request);

    /** Encodes the answer to a request of the term {@code requestTerm}. */
    byte[] encodeAnswer(Message answer, long requestTerm);

    Message decodeRequest(Rpc rpc, Envelope envelope, byte[] body) throws MalformedException;

    /** Decodes the answer to {@code request}, which tells what kind of message it must be. */
    Message decodeAnswer(Message request, Envelope envelope, byte[] body) throws MalformedException;
}
