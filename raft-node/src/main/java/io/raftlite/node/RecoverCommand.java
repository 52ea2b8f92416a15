package io.raftlite.node;

import io.raftlite.Configuration;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.node.storage.OfflineData;
import io.raftlite.node.storage.RecoveryPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * {@code raft-node recover}: lets the members that are left go on as a cluster of their own, after a majority was lost for
 * good. What only the lost ones had acknowledged is gone.
 */
final class RecoverCommand {
    static final String NAME = "recover";

    private RecoverCommand() {}

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name(NAME).mixinStandardHelpOptions(true);
        spec.usageMessage()
                .description(
                        "Lets the members that are left go on, after a majority was lost for good.",
                        "What only the lost ones had acknowledged is gone: this is the last resort.",
                        "End all nodes, run it with the same --members on the directory of each of them,",
                        "then start these with the flags that they always had.")
                .sortOptions(false);
        spec.addOption(OptionSpec.builder("--members")
                .type(String.class)
                .required(true)
                .paramLabel("A,B")
                .description("who goes on: identities or URLs of members, this node among them")
                .build());
        spec.addOption(OptionSpec.builder("--data")
                .type(Path.class)
                .required(true)
                .paramLabel("DIR")
                .description("the directory of a node that does not run")
                .build());
        spec.addOption(OptionSpec.builder("--yes")
                .type(boolean.class)
                .description("do it; without, only tell what would be done")
                .build());
        return spec;
    }

    static int run(CommandLine.ParseResult parsed, PrintWriter out) throws NodeException {
        Path directory = parsed.matchedOptionValue("--data", Path.of(""));
        String members = parsed.matchedOptionValue("--members", "");
        LogSetup.apply("error", "text");
        try (OfflineData data = OfflineData.open(directory)) {
            List<NodeId> goingOn = members(members, data.configuration().orElse(Configuration.EMPTY));
            Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            RecoveryPlan plan = data.plan(goingOn, time.toString());
            tell(data, plan, out);
            if (!parsed.hasMatchedOption("--yes")) {
                out.println("Nothing was changed. Compare the last entry of every node that is left first; then add"
                        + " --yes to do it.");
                return CommandLine.ExitCode.OK;
            }
            data.carryOut(plan);
            out.println("Done: the cluster is " + plan.newCluster()
                    + " from now on. Start the node with the flags that it always had.");
            return CommandLine.ExitCode.OK;
        } catch (IOException refused) {
            throw new NodeException(String.valueOf(refused.getMessage()), refused);
        } finally {
            out.flush();
        }
    }

    private static List<NodeId> members(String text, Configuration known) {
        List<NodeId> members = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String word = part.strip();
            if (word.isEmpty()) {
                throw new IllegalArgumentException("--members: '" + text + "' is not a list like A,B");
            }
            members.add(member(word, known));
        }
        return members;
    }

    /** An identity, or the URL of a member; one that is unknown is refused by the plan. */
    private static NodeId member(String word, Configuration known) {
        NodeId id = NodeId.of(word);
        if (known.contains(id) || !word.contains("://")) {
            return id;
        }
        String address = Addresses.parse("--members", word).toString();
        return known.members().stream()
                .filter(member -> member.address().equals(address))
                .map(Member::id)
                .findFirst()
                .orElse(NodeId.of(address));
    }

    private static void tell(OfflineData data, RecoveryPlan plan, PrintWriter out) {
        out.println("node         " + data.birth().self());
        out.println("last entry   index " + plan.last().index() + ", term "
                + plan.last().term() + ": what was committed behind it is lost, all up to it is kept");
        out.println("old cluster  " + plan.oldCluster());
        out.println("new cluster  " + plan.newCluster() + ", recovery "
                + plan.configuration().recoveries());
        out.println("go on        " + plan.configuration().voters());
        out.println("left behind  " + plan.leftBehind() + ": must never start again with their old data");
    }
}
