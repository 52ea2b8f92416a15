package io.raftlite.node.storage;

import java.nio.ByteBuffer;

/**
 * What lies behind the last sound record of the log's last segment: nothing, what a crash left, or what an earlier life of
 * the file left.
 *
 * @param clearFrom the offset from where on it is to be overwritten with zeroes, up to {@code end}: an end mark stays, so
 *     that a crash meanwhile does not make a log look torn that is not
 * @param end the offset behind its last byte that is not zero
 * @param tornBytes how many bytes a crash left, 0 if the log just ends here
 * @param provesDamage whether it proves that more of the log was durable
 */
record LogTail(int clearFrom, int end, int tornBytes, boolean provesDamage) {
    /** Looks behind the record that ends at {@code offset}, which is {@code position} in the log as a whole. */
    static LogTail of(ByteBuffer segment, int offset, long position, SegmentHeader header) {
        int end = offset;
        int written = offset;
        boolean provesDamage = false;
        for (int at = offset; at < segment.limit(); at++) {
            if (segment.get(at) != 0) {
                end = at + 1;
            }
            boolean aligned = (at - offset) % RecordFormat.ALIGNMENT == 0;
            if (aligned && at > offset && RecordFormat.isWritten(segment, at, position + at - offset)) {
                written = at + RecordFormat.sizeBytes(segment, at);
                provesDamage |= RecordFormat.durable(segment, at) > position;
            }
        }
        boolean fits = segment.limit() - offset >= RecordFormat.HEADER_BYTES;
        boolean isMarked = written == offset && RecordFormat.isEnd(segment, offset, position);
        boolean isTorn = end > offset && fits && !isMarked;
        return new LogTail(
                isMarked ? offset + RecordFormat.HEADER_BYTES : offset,
                end,
                isTorn ? untilEarlierLife(segment, written, end, header.startPosition()) - offset : 0,
                provesDamage);
    }

    /** Returns where what an earlier life of the file left seems to begin, by the look of a header, or else {@code end}. */
    private static int untilEarlierLife(ByteBuffer segment, int from, int end, long startPosition) {
        for (int at = from; at < end; at += RecordFormat.ALIGNMENT) {
            if (RecordFormat.namesPlaceBefore(segment, at, startPosition)) {
                return at;
            }
        }
        return end;
    }
}
