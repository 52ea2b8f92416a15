package io.raftlite;

import java.time.Duration;

/**
 * Says who a server is and what it holds itself to; made by {@link #builder}.
 *
 * @param self the identity of this server
 * @param name what people call it; only in log lines
 * @param cluster the id of its cluster
 * @param incarnation random, born with the data of this server
 * @param seed makes the random timeouts of this server differ from those of others, and the same in every run of a test
 * @param heartbeat how often a leader makes itself heard
 * @param electionTimeout the base: each wait is drawn from one to two times this
 * @param diskStallTimeout how old the oldest unfinished write may grow before a leader steps down and a follower stands no more
 * @param leaseReads whether this server takes part in leases, as a voter that promises and as a leader that serves reads
 *     by them; all servers of a cluster should agree on it
 * @param priority from 0 to 100: the lower, the longer this server waits before it stands for election, so that others come
 *     first; with 0 it stands only when it is told to
 * @param snapshotBytes how many bytes of entries {@code Replica} applies before it takes the next snapshot; it takes none
 *     before half of the last snapshot's size was applied again
 * @param requestTimeout how long a request of {@code Replica} may stay open, since it was proposed or asked, before its
 *     outcome is called unknown
 * @param maxOpenRequests how many requests of {@code Replica} may be open at once; one counts until the loop has heard of its
 *     answer
 * @param maxCommandBytes the size of the largest command
 * @param maxAppendBytes how many bytes of entries one append carries at most, though always at least one entry; commands of as many
 *     bytes are proposed by {@code Replica} at once
 * @param maxInflightAppends how many appends to one peer may be unanswered
 * @param maxInflightBytes how many bytes of entries to one peer may be unanswered, though always at least one append
 * @param maxPendingBytes how many bytes of proposed commands may wait to be applied at a leader
 * @param logCacheBytes how many bytes of the newest entries stay in memory; older ones are loaded from the storage
 */
public record RaftConfig(
        NodeId self,
        String name,
        String cluster,
        long incarnation,
        long seed,
        Duration heartbeat,
        Duration electionTimeout,
        Duration diskStallTimeout,
        boolean leaseReads,
        int priority,
        long snapshotBytes,
        Duration requestTimeout,
        int maxOpenRequests,
        int maxCommandBytes,
        int maxAppendBytes,
        int maxInflightAppends,
        long maxInflightBytes,
        long maxPendingBytes,
        long logCacheBytes) {

    /** The priority of a server that stands as soon as it may; the default. */
    public static final int MAX_PRIORITY = 100;

    public RaftConfig {
        if (self.isNone()) {
            throw new IllegalArgumentException("a server needs an id");
        }
        EntryId.requireInRange("incarnation", incarnation);
        requirePositive("heartbeat", heartbeat.toNanos());
        if (heartbeat.multipliedBy(2).compareTo(electionTimeout) > 0) {
            throw new IllegalArgumentException("heartbeat " + heartbeat.toMillis()
                    + "ms must be at most half of election timeout " + electionTimeout.toMillis() + "ms");
        }
        if (diskStallTimeout.compareTo(electionTimeout) < 0) {
            throw new IllegalArgumentException("disk stall timeout " + diskStallTimeout.toMillis()
                    + "ms must not be shorter than election timeout " + electionTimeout.toMillis() + "ms");
        }
        if (priority < 0 || priority > MAX_PRIORITY) {
            throw new IllegalArgumentException("priority " + priority + " is not in 0.." + MAX_PRIORITY);
        }
        requirePositive("snapshotBytes", snapshotBytes);
        requirePositive("requestTimeout", requestTimeout.toNanos());
        requirePositive("maxOpenRequests", maxOpenRequests);
        requirePositive("maxCommandBytes", maxCommandBytes);
        requirePositive("maxAppendBytes", maxAppendBytes);
        requirePositive("maxInflightAppends", maxInflightAppends);
        requirePositive("maxInflightBytes", maxInflightBytes);
        requirePositive("maxPendingBytes", maxPendingBytes);
        requirePositive("logCacheBytes", logCacheBytes);
    }

    private static void requirePositive(String what, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(what + " must be positive, not " + value);
        }
    }

    /** Starts from the defaults, for the server {@code self} of the cluster {@code cluster}. */
    public static Builder builder(NodeId self, String cluster) {
        return new Builder(self, cluster);
    }

    /** Collects what differs from the defaults. */
    public static final class Builder {
        private final NodeId self;
        private final String cluster;
        private String name;
        private long incarnation;
        private long seed;
        private Duration heartbeat = Duration.ofMillis(100);
        private Duration electionTimeout = Duration.ofMillis(500);
        private Duration diskStallTimeout = Duration.ofSeconds(2);
        private boolean leaseReads;
        private int priority = MAX_PRIORITY;
        private long snapshotBytes = 64 << 20;
        private Duration requestTimeout = Duration.ofSeconds(5);
        private int maxOpenRequests = 65_536;
        private int maxCommandBytes = 1 << 20;
        private int maxAppendBytes = 256 << 10;
        private int maxInflightAppends = 64;
        private long maxInflightBytes = 4 << 20;
        private long maxPendingBytes = 16 << 20;
        private long logCacheBytes = 32 << 20;

        private Builder(NodeId self, String cluster) {
            this.self = self;
            this.cluster = cluster;
            this.name = self.value();
        }

        /** What people call the server; its id by default. */
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /** Random, born with the data; 0 by default. */
        public Builder incarnation(long incarnation) {
            this.incarnation = incarnation;
            return this;
        }

        /** Feeds the random timeouts; 0 by default. */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /** 100 ms by default, at most half of the election timeout. */
        public Builder heartbeat(Duration heartbeat) {
            this.heartbeat = heartbeat;
            return this;
        }

        /** 500 ms by default. */
        public Builder electionTimeout(Duration electionTimeout) {
            this.electionTimeout = electionTimeout;
            return this;
        }

        /** 2 s by default, never shorter than the election timeout. */
        public Builder diskStallTimeout(Duration diskStallTimeout) {
            this.diskStallTimeout = diskStallTimeout;
            return this;
        }

        /** Off by default. */
        public Builder leaseReads(boolean leaseReads) {
            this.leaseReads = leaseReads;
            return this;
        }

        /** 100 by default, the highest. */
        public Builder priority(int priority) {
            this.priority = priority;
            return this;
        }

        /** 64 MiB by default. */
        public Builder snapshotBytes(long snapshotBytes) {
            this.snapshotBytes = snapshotBytes;
            return this;
        }

        /** 5 s by default. */
        public Builder requestTimeout(Duration requestTimeout) {
            this.requestTimeout = requestTimeout;
            return this;
        }

        /** 65,536 by default. */
        public Builder maxOpenRequests(int maxOpenRequests) {
            this.maxOpenRequests = maxOpenRequests;
            return this;
        }

        /** 1 MiB by default. */
        public Builder maxCommandBytes(int maxCommandBytes) {
            this.maxCommandBytes = maxCommandBytes;
            return this;
        }

        /** 256 KiB by default. */
        public Builder maxAppendBytes(int maxAppendBytes) {
            this.maxAppendBytes = maxAppendBytes;
            return this;
        }

        /** 64 by default. */
        public Builder maxInflightAppends(int maxInflightAppends) {
            this.maxInflightAppends = maxInflightAppends;
            return this;
        }

        /** 4 MiB by default. */
        public Builder maxInflightBytes(long maxInflightBytes) {
            this.maxInflightBytes = maxInflightBytes;
            return this;
        }

        /** 16 MiB by default. */
        public Builder maxPendingBytes(long maxPendingBytes) {
            this.maxPendingBytes = maxPendingBytes;
            return this;
        }

        /** 32 MiB by default. */
        public Builder logCacheBytes(long logCacheBytes) {
            this.logCacheBytes = logCacheBytes;
            return this;
        }

        /** Returns the configuration, or throws {@link IllegalArgumentException} naming the value and its rule. */
        public RaftConfig build() {
            return new RaftConfig(
                    self,
                    name,
                    cluster,
                    incarnation,
                    seed,
                    heartbeat,
                    electionTimeout,
                    diskStallTimeout,
                    leaseReads,
                    priority,
                    snapshotBytes,
                    requestTimeout,
                    maxOpenRequests,
                    maxCommandBytes,
                    maxAppendBytes,
                    maxInflightAppends,
                    maxInflightBytes,
                    maxPendingBytes,
                    logCacheBytes);
        }
    }
}
