package io.raftlite.node.storage;

/** One open file of the log: records from {@code header.startPosition()} on, in {@code sizeBytes} that are reserved. */
record Segment(SegmentHeader header, Disk.File file, long sizeBytes) {
    String fileName() {
        return SegmentHeader.fileName(header.number());
    }

    /** Returns where in the file the given position of the log lies. */
    long offset(long position) {
        return SegmentHeader.BYTES + position - header.startPosition();
    }

    /** Tells whether {@code bytes} more fit behind {@code position}. */
    boolean fits(long position, long bytes) {
        return offset(position) + bytes <= sizeBytes;
    }
}
