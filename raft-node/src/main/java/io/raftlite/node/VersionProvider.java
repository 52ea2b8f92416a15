package io.raftlite.node;

import picocli.CommandLine;

/** Tells {@code --version}. */
final class VersionProvider implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"raft-node " + Version.text()};
    }
}
