package io.raftlite;

import java.util.List;

/**
 * A wish to change who the members are; all of its steps take effect together. Raft paper §6; dissertation chapter 4.
 *
 * @param steps what to change, in order; none of them may concern the same member as another
 * @param expectedIndex the index of the configuration that the caller has seen, so that two administrators do not undo
 *     each other's work; 0 for whatever it is
 * @param force whether to go on although the cluster may lose its majority by it
 */
public record ConfigurationChange(List<Step> steps, long expectedIndex, boolean force) {
    /** One part of a change. */
    public sealed interface Step {
        /** Returns whom it concerns. */
        NodeId id();
    }

    /** Adds a learner; if it is to vote, it becomes a voter by itself once it has caught up. */
    public record Add(NodeId id, String address, boolean voter) implements Step {}

    /** Removes a member. */
    public record Remove(NodeId id) implements Step {}

    /** Lets a learner become a voter once it has caught up. */
    public record Promote(NodeId id) implements Step {}

    /** Makes a voter a learner, or a joining member one for good. */
    public record Demote(NodeId id) implements Step {}

    /** Gives a member another address. */
    public record Move(NodeId id, String address) implements Step {}

    public ConfigurationChange {
        steps = List.copyOf(steps);
        EntryId.requireInRange("expected index", expectedIndex);
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("a change has at least one step");
        }
        if (steps.stream().map(Step::id).distinct().count() < steps.size()) {
            throw new IllegalArgumentException("two steps of one change concern the same member");
        }
    }

    /** Returns a change of one step, whatever the configuration is now, that is refused if it is not safe. */
    public static ConfigurationChange of(Step step) {
        return new ConfigurationChange(List.of(step), 0, false);
    }

    /**
     * Returns what {@code before} becomes by this change.
     *
     * @throws IllegalArgumentException if a step is not possible; the sentence says why
     */
    Configuration applyTo(Configuration before) {
        Configuration after = before;
        for (Step step : steps) {
            after = apply(step, after);
        }
        if (after.voters().isEmpty()) {
            throw new IllegalArgumentException("the last voter cannot be removed or demoted: add another one first");
        }
        return after;
    }

    private static Configuration apply(Step step, Configuration before) {
        if (step instanceof Add add) {
            if (before.contains(add.id)) {
                throw new IllegalArgumentException(add.id + " is a member already; remove it first");
            }
            requireFree(add.address, add.id, before);
            return before.with(Member.of(add.id, add.address, add.voter ? Member.Kind.JOINING : Member.Kind.LEARNER));
        }
        Member member = before.member(step.id())
                .orElseThrow(() -> new IllegalArgumentException(step.id() + " is not a member; members are "
                        + before.members().stream().map(Member::id).toList()));
        if (step instanceof Remove) {
            return before.without(member.id());
        }
        if (step instanceof Promote) {
            if (member.kind() == Member.Kind.VOTER) {
                throw new IllegalArgumentException(member.id() + " is a voter already");
            }
            return before.with(member.as(Member.Kind.JOINING));
        }
        if (step instanceof Demote) {
            if (member.kind() == Member.Kind.LEARNER) {
                throw new IllegalArgumentException(member.id() + " is a learner already");
            }
            return before.with(member.as(Member.Kind.LEARNER));
        }
        Move move = (Move) step;
        requireFree(move.address, move.id, before);
        return before.with(member.at(move.address));
    }

    private static void requireFree(String address, NodeId id, Configuration before) {
        for (Member member : before.members()) {
            if (member.address().equals(address) && !member.id().equals(id)) {
                throw new IllegalArgumentException("the address " + address + " is that of member " + member.id());
            }
        }
    }
}
