package io.raftlite;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The members of a cluster, and who of them votes; an immutable value.
 *
 * <p>While the set of voters changes, the configuration is <em>joint</em>: it names the outgoing voters too, and every
 * decision needs a majority of both sets. Raft paper §6 "Cluster membership changes".
 *
 * <p>Both lists are sorted, so that every walk over them is the same in every run.
 *
 * @param members every member, sorted by id, each once
 * @param outgoing the voters of the old half while joint, else empty; sorted, and members all
 * @param recoveries how often the cluster was brought back from a lost quorum; a configuration from before a recovery
 *     never replaces one from after it
 */
public record Configuration(List<Member> members, List<NodeId> outgoing, long recoveries) {
    /** The configuration of a server that waits to be contacted by a cluster: it knows nobody and never campaigns. */
    public static final Configuration EMPTY = new Configuration(List.of(), List.of(), 0);

    /** The most members that a configuration holds. */
    public static final int MAX_MEMBERS = 1_024;

    private static final int FORMAT = 1;

    public Configuration {
        members = members.stream().sorted().toList();
        outgoing = outgoing.stream().sorted().toList();
        EntryId.requireInRange("recoveries", recoveries);
        if (members.size() > MAX_MEMBERS) {
            throw new IllegalArgumentException(
                    members.size() + " members are too many, at most " + MAX_MEMBERS + " are allowed");
        }
        for (int i = 1; i < members.size(); i++) {
            if (members.get(i - 1).id().equals(members.get(i).id())) {
                throw new IllegalArgumentException(
                        "two members have the id " + members.get(i).id());
            }
        }
        for (int i = 0; i < outgoing.size(); i++) {
            NodeId id = outgoing.get(i);
            if (i > 0 && outgoing.get(i - 1).equals(id)) {
                throw new IllegalArgumentException("outgoing voter " + id + " is named twice");
            }
            if (find(members, id).isEmpty()) {
                throw new IllegalArgumentException("outgoing voter " + id + " is not a member");
            }
        }
        for (Member member : members) {
            if (member.kind() == Member.Kind.LEAVING && !outgoing.contains(member.id())) {
                throw new IllegalArgumentException("leaving member " + member.id() + " is not an outgoing voter");
            }
        }
    }

    /** Returns a simple configuration of voters whose addresses are their ids. */
    public static Configuration ofVoters(List<NodeId> voters) {
        return ofMembers(voters.stream()
                .map(id -> Member.of(id, id.value(), Member.Kind.VOTER))
                .toList());
    }

    /** Returns a simple configuration of a cluster that was never recovered from a lost quorum. */
    public static Configuration ofMembers(List<Member> members) {
        return new Configuration(members, List.of(), 0);
    }

    /** Returns the voters, those of the new half while joint; sorted. */
    public List<NodeId> voters() {
        return members.stream()
                .filter(member -> member.kind() == Member.Kind.VOTER)
                .map(Member::id)
                .toList();
    }

    /** Tells whether two halves decide at present. */
    public boolean isJoint() {
        return !outgoing.isEmpty();
    }

    /** Tells whether {@code id} votes, in either half. */
    public boolean isVoter(NodeId id) {
        return isIncomingVoter(id) || outgoing.contains(id);
    }

    /** Tells whether {@code id} votes in the half that remains. */
    public boolean isIncomingVoter(NodeId id) {
        return find(members, id)
                .filter(member -> member.kind() == Member.Kind.VOTER)
                .isPresent();
    }

    /** Tells whether {@code id} is a member of any kind. */
    public boolean contains(NodeId id) {
        return member(id).isPresent();
    }

    /** Returns the member with this id. */
    public Optional<Member> member(NodeId id) {
        return find(members, id);
    }

    private static Optional<Member> find(List<Member> members, NodeId id) {
        for (Member member : members) {
            if (member.id().equals(id)) {
                return Optional.of(member);
            }
        }
        return Optional.empty();
    }

    /**
     * Returns the configuration to which {@code wanted} is to lead: {@code wanted} itself if the voters stay the same, else
     * the joint one between the two. Raft paper §6, Figure 11.
     */
    Configuration joinedTo(Configuration wanted) {
        if (wanted.voters().equals(voters())) {
            return wanted;
        }
        List<Member> union = new ArrayList<>(wanted.members);
        for (Member member : members) {
            if (member.kind() == Member.Kind.VOTER && !wanted.contains(member.id())) {
                union.add(member.as(Member.Kind.LEAVING));
            }
        }
        return new Configuration(union, voters(), recoveries);
    }

    /** Returns the new half of a joint configuration, alone. */
    Configuration left() {
        return new Configuration(
                members.stream()
                        .filter(member -> member.kind() != Member.Kind.LEAVING)
                        .toList(),
                List.of(),
                recoveries);
    }

    /** Returns this configuration with {@code member} in place of the one of the same id, or added. */
    Configuration with(Member member) {
        List<Member> changed = new ArrayList<>(members);
        changed.removeIf(other -> other.id().equals(member.id()));
        changed.add(member);
        return new Configuration(changed, outgoing, recoveries);
    }

    /** Returns this configuration without a member. */
    Configuration without(NodeId id) {
        return new Configuration(
                members.stream().filter(member -> !member.id().equals(id)).toList(), outgoing, recoveries);
    }

    /**
     * Encodes this configuration, as the payload of an entry and part of a snapshot's header. All numbers are big-endian:
     *
     * <pre>
     *   u8   format, 1
     *   u64  recoveries
     *   u16  number of members, then for each:
     *        u16  length of the id, the id in UTF-8
     *        u16  length of the address, the address in UTF-8
     *        u8   kind: 0 voter, 1 learner, 2 joining, 3 leaving
     *        u64  incarnation, 0 for none
     *   u16  number of outgoing voters, then for each: u16 its place among the members, from 0
     * </pre>
     */
    public ByteBuffer encode() {
        List<byte[]> texts = new ArrayList<>();
        int size = 1 + 8 + 2 + 2 + 2 * outgoing.size();
        for (Member member : members) {
            texts.add(member.id().value().getBytes(StandardCharsets.UTF_8));
            texts.add(member.address().getBytes(StandardCharsets.UTF_8));
            size += 2 + 2 + 1 + 8;
        }
        for (byte[] text : texts) {
            size += text.length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.put((byte) FORMAT).putLong(recoveries).putShort((short) members.size());
        for (int i = 0; i < members.size(); i++) {
            put(out, texts.get(2 * i));
            put(out, texts.get(2 * i + 1));
            out.put((byte) members.get(i).kind().code());
            out.putLong(members.get(i).incarnation());
        }
        out.putShort((short) outgoing.size());
        List<NodeId> ids = members.stream().map(Member::id).toList();
        for (NodeId id : outgoing) {
            out.putShort((short) ids.indexOf(id));
        }
        return out.flip();
    }

    private static void put(ByteBuffer out, byte[] text) {
        out.putShort((short) text.length).put(text);
    }

    /**
     * Decodes what {@link #encode} made, and moves the position behind it.
     *
     * @throws IllegalArgumentException if the bytes are no configuration, or one of a newer version
     */
    public static Configuration decode(ByteBuffer in) {
        try {
            int format = in.get();
            if (format != FORMAT) {
                throw new IllegalArgumentException(
                        "configuration has the unknown format " + format + ": it was written by a newer version");
            }
            long recoveries = in.getLong();
            List<Member> members = new ArrayList<>();
            int count = Short.toUnsignedInt(in.getShort());
            for (int i = 0; i < count; i++) {
                NodeId id = NodeId.of(text(in));
                String address = text(in);
                members.add(new Member(id, address, Member.Kind.of(in.get()), in.getLong()));
            }
            List<NodeId> outgoing = new ArrayList<>();
            int outgoingCount = Short.toUnsignedInt(in.getShort());
            for (int i = 0; i < outgoingCount; i++) {
                outgoing.add(members.get(Short.toUnsignedInt(in.getShort())).id());
            }
            return new Configuration(members, outgoing, recoveries);
        } catch (BufferUnderflowException | IndexOutOfBoundsException cut) {
            throw new IllegalArgumentException("configuration is cut short", cut);
        }
    }

    private static String text(ByteBuffer in) {
        byte[] text = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /** Names the voters, and who else there is. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("voters=").append(voters());
        for (Member.Kind kind : List.of(Member.Kind.LEARNER, Member.Kind.JOINING)) {
            List<NodeId> others = members.stream()
                    .filter(member -> member.kind() == kind)
                    .map(Member::id)
                    .toList();
            if (!others.isEmpty()) {
                text.append(kind == Member.Kind.LEARNER ? " learners=" : " joining=")
                        .append(others);
            }
        }
        return isJoint() ? text.append(" outgoing=").append(outgoing).toString() : text.toString();
    }
}
