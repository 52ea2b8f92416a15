package io.raftlite.http;

/**
 * The kinds of frames, one for each kind of message; the numbers are part of the wire.
 *
 * <p>A frame is, with all numbers big-endian:
 *
 * <pre>
 *   0  u32  length of what follows this field
 *   4  u32  CRC32C of what follows, but for the entries of an append, which have checksums of their own
 *   8  u8   kind
 *   9  u64  session
 *  17  u64  nonce
 *  25  u64  term
 *  33  the fields of the kind, in the order of its message: 8 bytes a number, 1 a flag; last, if at all, bytes to the end
 * </pre>
 *
 * <p>A frame of nothing, which is a length of 0 alone, asks whether the other side is there, and is answered by another.
 *
 * <p>Who speaks to whom is said once, by the headers that open the stream.
 */
enum FrameKind {
    PRE_VOTE_REQUEST(1, 2 * 8),
    PRE_VOTE_RESPONSE(2, 1 + 2 * 8),
    VOTE_REQUEST(3, 2 * 8 + 1),
    VOTE_RESPONSE(4, 1),
    APPEND_REQUEST(5, 4 * 8),
    APPEND_RESPONSE(6, 1 + 4 * 8),
    HEARTBEAT(7, 3 * 8),
    HEARTBEAT_RESPONSE(8, 3 * 8),
    INSTALL_SNAPSHOT(9, 6 * 8),
    INSTALL_SNAPSHOT_RESPONSE(10, 2 * 8 + 1 + 8),
    TIMEOUT_NOW(11, 0),
    READ_INDEX_REQUEST(12, 0),
    READ_INDEX_RESPONSE(13, 1 + 2 * 8);

    /** The bytes of the length field, which does not count itself. */
    static final int LENGTH_BYTES = 4;
    /** The bytes before the fields of the kind. */
    static final int HEADER_BYTES = LENGTH_BYTES + 4 + 1 + 3 * 8;
    /** Where the checksum stands, and what it covers begins. */
    static final int CRC_OFFSET = LENGTH_BYTES;

    static final int CHECKED_OFFSET = CRC_OFFSET + 4;

    private static final FrameKind[] BY_CODE = new FrameKind[14];

    static {
        for (FrameKind kind : values()) {
            BY_CODE[kind.code] = kind;
        }
    }

    private final int code;
    private final int fieldBytes;

    FrameKind(int code, int fieldBytes) {
        this.code = code;
        this.fieldBytes = fieldBytes;
    }

    int code() {
        return code;
    }

    /** Returns the size of a frame of this kind without the bytes at its end, if it has any. */
    int fixedBytes() {
        return HEADER_BYTES + fieldBytes;
    }

    /** Tells whether bytes may follow the fields. */
    boolean hasTail() {
        return this == APPEND_REQUEST || this == INSTALL_SNAPSHOT;
    }

    static FrameKind of(int code) throws MalformedException {
        if (code <= 0 || code >= BY_CODE.length) {
            throw new MalformedException(
                    "frame has the unknown kind " + code + ": the sender may be of a newer version");
        }
        return BY_CODE[code];
    }
}
