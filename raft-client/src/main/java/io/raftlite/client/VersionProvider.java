package io.raftlite.client;

import picocli.CommandLine;

/** Tells {@code --version}. */
final class VersionProvider implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = VersionProvider.class.getPackage().getImplementationVersion();
        return new String[] {"raft-client " + (version == null ? "(not from a jar)" : version)};
    }
}
