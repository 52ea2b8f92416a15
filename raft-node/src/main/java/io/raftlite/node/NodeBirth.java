package io.raftlite.node;

import io.raftlite.node.storage.Birth;
import io.raftlite.node.storage.DataDirectory;
import io.raftlite.node.storage.StorageException;
import java.util.Optional;

/** What a node is born with, by its configuration, by its data, or by the cluster that it joins. */
final class NodeBirth {
    private NodeBirth() {}

    /** Returns what the node is, or is to be, born with: who joins a cluster learns it there, once. */
    static Birth of(NodeConfig config) throws NodeException {
        if (config.join().isEmpty()) {
            return configured(config);
        }
        try {
            Optional<Birth> known = config.inMemory() ? Optional.empty() : DataDirectory.birth(config.data());
            return known.isPresent()
                    ? known.get()
                    : Joining.learn(config, config.join().get());
        } catch (StorageException refused) {
            throw new NodeException(String.valueOf(refused.getMessage()), refused);
        }
    }

    private static Birth configured(NodeConfig config) {
        return new Birth(config.clusterName(), config.clusterId(), config.self(), config.initialConfiguration());
    }

    /**
     * Finds out whether {@link RaftNode#start} would succeed, as far as that can be told without a trace; returns the id
     * of the cluster.
     */
    static String check(NodeConfig config) throws NodeException {
        HttpServer.requireFree(config);
        if (config.inMemory()) {
            return config.clusterId();
        }
        try {
            // Who has joined a cluster was born with what it learned there.
            Birth birth = config.join().isPresent()
                    ? DataDirectory.birth(config.data()).orElse(configured(config))
                    : configured(config);
            return DataDirectory.check(config.data(), birth).map(Birth::cluster).orElse(config.clusterId());
        } catch (StorageException refused) {
            throw new NodeException(String.valueOf(refused.getMessage()), refused);
        }
    }
}
