package io.raftlite.sim;

import io.raftlite.NodeId;
import java.util.function.BooleanSupplier;

/** The simulated storage by itself, on a disk of any kind, in a world of its own. */
public final class SimStorageBench implements StorageContract.Bench {
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private final Agenda agenda = new Agenda();
    private final SimStorage storage;

    /** Starts with what the disk holds. */
    public SimStorageBench(SimDisk disk) {
        this.storage = new SimStorage(NodeId.of("A"), disk, agenda, new Lots(1, "contract"), new Observers());
    }

    @Override
    public StorageContract.Opened open() {
        return new StorageContract.Opened(storage.recover(), storage);
    }

    @Override
    public void crash() {
        storage.crash();
    }

    @Override
    public void await(BooleanSupplier condition) {
        long end = agenda.now() + PATIENCE_NANOS;
        boolean more = true;
        while (more && !condition.getAsBoolean()) {
            more = agenda.step(end);
        }
    }

    @Override
    public void close() {}
}
