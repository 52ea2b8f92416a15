package io.raftlite.client;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says what is wrong with a cluster, worst first, as far as the answers of its nodes tell. */
final class Diagnosis {
    /** A follower hears of a commit with the next message only: a few entries are no delay. */
    private static final long UP_TO_DATE_LAG = 100;

    private final List<Examined> all;
    private final List<Examined> nodes;
    private final Optional<Examined> leader;
    private final List<JsonObject> members;
    private final List<Finding> findings = new ArrayList<>();

    private Diagnosis(List<Examined> all) {
        this.all = all;
        String cluster = usualCluster(all);
        this.nodes = all.stream()
                .filter(node -> node.answers() && cluster(node).equals(cluster))
                .toList();
        this.leader = nodes.stream().filter(Examined::leads).max(Comparator.comparingLong(node -> node.number("term")));
        this.members = leader.or(
                        () -> nodes.stream().max(Comparator.comparingLong(node -> node.number("configurationIndex"))))
                .map(Examined::members)
                .orElse(List.of());
    }

    /** Returns the cluster that most answers come from, for any one may have been asked by mistake. */
    private static String usualCluster(List<Examined> all) {
        Map<String, Integer> counts = new HashMap<>();
        List<Examined> answers = all.stream().filter(Examined::answers).toList();
        answers.forEach(node -> counts.merge(cluster(node), 1, Integer::sum));
        return answers.stream()
                .map(Diagnosis::cluster)
                .max(Comparator.comparingInt(cluster -> counts.getOrDefault(cluster, 0)))
                .orElse("");
    }

    static List<Finding> of(List<Examined> nodes) {
        Diagnosis diagnosis = new Diagnosis(List.copyOf(nodes));
        diagnosis.examine();
        return List.copyOf(diagnosis.findings);
    }

    private static String cluster(Examined node) {
        return Json.string(node.status(), "clusterId");
    }

    private void examine() {
        if (nodes.isEmpty()) {
            findings.add(Finding.problem(
                    "no node answers: "
                            + all.stream()
                                    .map(node -> node.url() + ": " + node.problem())
                                    .collect(Collectors.joining("; ")),
                    "start the nodes, or give the addresses of others with --endpoints"));
            return;
        }
        examineQuorum();
        all.forEach(this::examineNode);
        members.forEach(this::examineMember);
        examineVersions();
        examineConfiguration();
    }

    private void examineQuorum() {
        List<JsonObject> voters = members.stream().filter(Diagnosis::hasVote).toList();
        List<JsonObject> silent =
                voters.stream().filter(voter -> answerOf(voter).isEmpty()).toList();
        int answering = voters.size() - silent.size();
        int quorum = voters.size() / 2 + 1;
        String count = answering + " of " + voters.size() + " voters answer, " + quorum + " are needed";
        if (answering < quorum) {
            findings.add(Finding.problem(
                    leader.map(node -> node.name() + " leads a minority: ").orElse("the quorum is lost: ") + count,
                    "start " + names(silent)
                            + "; if their disks are lost for good: stop the others, and on each of them"
                            + " run raft-node recover --data DIR --members " + ids(voters, silent)
                            + ", which tells first what will be lost"));
        } else if (leader.isEmpty()) {
            findings.add(Finding.problem(
                    "there is no leader, though " + count,
                    "look again in a moment: an election may be under way; if it stays so, look whether the nodes"
                            + " reach each other"));
        } else if (!silent.isEmpty() && answering == quorum) {
            findings.add(Finding.problem(
                    "the quorum is at risk: " + count + "; one more failure stops the cluster",
                    "start " + names(silent) + ", or replace it: raft-client members replace OLD NEW-ID NEW-URL"));
        }
    }

    private static boolean hasVote(JsonObject member) {
        String kind = Json.string(member, "kind");
        return kind.equals("voter") || kind.equals("leaving");
    }

    private Optional<Examined> answerOf(JsonObject member) {
        return nodes.stream()
                .filter(node -> node.id().equals(Json.string(member, "id")))
                .findFirst();
    }

    private static String names(List<JsonObject> members) {
        return members.stream().map(Diagnosis::name).collect(Collectors.joining(" and "));
    }

    private static String ids(List<JsonObject> voters, List<JsonObject> silent) {
        String ids = voters.stream()
                .filter(voter -> !silent.contains(voter))
                .map(voter -> Json.string(voter, "id"))
                .collect(Collectors.joining(","));
        return ids.isEmpty() ? "ID,…" : ids;
    }

    private static String name(JsonObject member) {
        String name = Json.string(member, "name");
        return (name.isEmpty() ? Json.string(member, "id") : name) + " (" + Json.string(member, "url") + ")";
    }

    private void examineNode(Examined node) {
        String name = node.name();
        if (!node.answers()) {
            findings.add(Finding.problem(
                    name + " does not answer: " + node.problem(),
                    "look whether it runs, and whether its port is open"));
            return;
        }
        if (!nodes.contains(node)) {
            findings.add(Finding.problem(
                    name + " (" + node.url() + ") belongs to another cluster: " + cluster(node),
                    "take its address out of --endpoints, or stop it and give it an empty data directory"));
            return;
        }
        if (Json.isTrue(node.status(), "diskFull")) {
            findings.add(Finding.problem("the disk of " + name + " is full", "free space on the disk of " + name));
        }
        boolean isMember =
                members.stream().anyMatch(member -> Json.string(member, "id").equals(node.id()));
        if (leader.isPresent() && !isMember) {
            findings.add(Finding.problem(
                    name + " (" + node.url() + ") runs, but is no member any more",
                    "stop it, or add it again: raft-client members add " + node.id() + " --url " + node.url()));
        } else if (Json.isTrue(node.status(), "parked")) {
            findings.add(Finding.problem(
                    name + " is parked: it takes no part in elections",
                    "see whether it was removed: raft-client members; if so, stop it"));
        } else if (leader.isPresent() && !node.unready().isEmpty()) {
            findings.add(Finding.problem(
                    name + " is not ready: " + node.unready(), "look whether it reaches the leader, and at its log"));
        } else if (leader.isPresent() && !follows(node, leader.get())) {
            findings.add(Finding.problem(
                    name + " does not follow " + leader.get().name() + ", which leads: it is a " + node.role()
                            + " in term " + node.number("term"),
                    "look whether it reaches " + leader.get().name() + ", and at its log"));
        }
    }

    private static boolean follows(Examined node, Examined leader) {
        String known = Json.string(Json.object(node.status(), "leader"), "id");
        return node.id().equals(leader.id()) || (!node.isElecting() && !node.leads() && known.equals(leader.id()));
    }

    private void examineMember(JsonObject member) {
        String name = name(member);
        String kind = Json.string(member, "kind");
        String refusal = Json.string(member, "refusal");
        if (!refusal.isEmpty()) {
            findings.add(
                    Finding.problem("messages to or from " + name + " are refused: " + refusal, "look at its log"));
        }
        answerOf(member).ifPresent(node -> examineAddress(member, node));
        if (answerOf(member).isPresent()) {
            if (Json.isTrue(member, "installing")) {
                findings.add(Finding.remark(name + " receives a snapshot", "wait until it is there"));
            } else if (lag(member) > UP_TO_DATE_LAG && !kind.equals("joining")) {
                findings.add(Finding.problem(
                        name + " is " + lag(member) + " entries behind",
                        "wait; if it does not catch up, look at its disk and its network"));
            }
        }
        if (kind.equals("joining")) {
            findings.add(Finding.remark(
                    name + " is joining, and votes once it has caught up",
                    "wait; to give it up: raft-client members remove " + Json.string(member, "id")));
        } else if (kind.equals("learner")) {
            findings.add(Finding.remark(
                    name + " is a learner: it receives entries and has no vote",
                    "to give it one: raft-client members promote " + Json.string(member, "id")));
        }
    }

    private void examineAddress(JsonObject member, Examined node) {
        String url = Json.string(node.status(), "url");
        if (!url.isEmpty() && !url.equals(Json.string(member, "url"))) {
            findings.add(Finding.problem(
                    name(member) + " says that it is at " + url,
                    "raft-client members move " + Json.string(member, "id") + " " + url));
        }
    }

    private void examineVersions() {
        List<Examined> known =
                nodes.stream().filter(node -> !node.version().isEmpty()).toList();
        if (known.stream().map(Examined::version).distinct().count() > 1) {
            findings.add(Finding.problem(
                    "the nodes run different versions: "
                            + known.stream()
                                    .map(node -> node.name() + " " + node.version())
                                    .collect(Collectors.joining(", ")),
                    "finish the upgrade, one node at a time"));
        }
    }

    private long lag(JsonObject member) {
        long committed = leader.map(node -> node.number("commitIndex")).orElse(0L);
        return committed
                - answerOf(member).map(node -> node.number("appliedIndex")).orElse(committed);
    }

    private void examineConfiguration() {
        boolean isJoint = leader.filter(Examined::joint).isPresent()
                || (leader.isEmpty() && nodes.stream().anyMatch(Examined::joint));
        if (isJoint) {
            findings.add(Finding.problem(
                    "the configuration is joint, and stays so: a change of members does not end",
                    "start those that do not answer: it needs a majority of the old and of the new members"));
        }
        long voters = members.stream().filter(MembersView::votes).count();
        if (voters > 0 && voters % 2 == 0 && !isJoint) {
            findings.add(Finding.problem(
                    "there are " + voters + " voters: an even number survives no more failures than one less",
                    "add one: raft-client members add ID --url URL, or remove one: raft-client members remove ID"));
        }
    }
}
