package io.raftlite.http;

import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.bench.Commands;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** Appends as frames, with their checksums. One operation is one command. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class FrameBenchmark {
    private Message append = message();
    private ByteBuffer frame = ByteBuffer.allocate(0);
    private final FrameWriter writer = new FrameWriter();
    private final FrameReader reader = new FrameReader(append.envelope(), () -> {});

    private static Message message() {
        Envelope envelope = new Envelope("bench", NodeId.of("A"), NodeId.of("B"), 1, 1, 1);
        return new Message.AppendRequest(envelope, 1, new EntryId(1, 1), Commands.entries(2, 1), 1, 1);
    }

    /** Makes the frame that is read. */
    @Setup
    public void encode() {
        writer.write(append);
        frame = ByteBuffer.wrap(writer.array().clone(), 0, writer.sizeBytes());
        writer.consumed(writer.sizeBytes());
    }

    /** Writes an append with a batch. */
    @Benchmark
    @OperationsPerInvocation(Commands.BATCH)
    public byte[] write() {
        writer.write(append);
        writer.consumed(writer.sizeBytes());
        return writer.array();
    }

    /** Reads an append with a batch. */
    @Benchmark
    @OperationsPerInvocation(Commands.BATCH)
    public void read(Blackhole sink) throws MalformedException {
        reader.read(frame.duplicate(), sink::consume);
    }
}
