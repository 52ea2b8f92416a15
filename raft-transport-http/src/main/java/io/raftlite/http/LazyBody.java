package io.raftlite.http;

import io.raftlite.Message;
import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/** A request body that is encoded on the thread that sends it, not on the thread of the protocol. */
final class LazyBody extends RequestBody {
    private final Codec codec;
    private final Message message;
    private byte @Nullable [] encoded;

    LazyBody(Codec codec, Message message) {
        this.codec = codec;
        this.message = message;
    }

    @Override
    public MediaType contentType() {
        return MediaType.get(codec.contentType());
    }

    @Override
    public long contentLength() {
        return encoded().length;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
        sink.write(encoded());
    }

    private byte[] encoded() {
        byte[] bytes = encoded;
        if (bytes == null) {
            bytes = codec.encodeRequest(message);
            encoded = bytes;
        }
        return bytes;
    }
}
