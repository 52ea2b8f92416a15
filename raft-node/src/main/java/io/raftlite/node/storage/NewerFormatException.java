package io.raftlite.node.storage;

/** A file was written by a newer version of this program: it is not damaged, and nothing in it is guessed at. */
final class NewerFormatException extends StorageException {
    private static final long serialVersionUID = 1L;

    NewerFormatException(String message) {
        super(message);
    }
}
