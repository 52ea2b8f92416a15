package io.raftlite.node.storage;

import io.raftlite.Configuration;
import io.raftlite.NodeId;

/**
 * What a data directory is born with, and must be opened with ever after.
 *
 * @param clusterName the name that people gave the cluster
 * @param cluster the cluster's id
 * @param self the identity of the node
 * @param initial the members that the cluster was born with
 */
public record Birth(String clusterName, String cluster, NodeId self, Configuration initial) {}
