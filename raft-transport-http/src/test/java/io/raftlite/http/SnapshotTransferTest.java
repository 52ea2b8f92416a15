package io.raftlite.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.raftlite.EntryId;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SnapshotTransferTest {
    private static final long SIZE = 64L << 20;
    private static final long CUT = 40L << 20;
    /** Of what was read at the source, the most that can be lost on the way when a connection ends. */
    private static final long LOST = 8L << 20;

    private final FakePace pace = new FakePace();
    private final FakeSnapshot snapshot = new FakeSnapshot(SIZE);
    private final FakeSink sink = new FakeSink();
    private TestNode leader;
    private TestNode follower;
    private SnapshotPuller puller;

    @BeforeEach
    void start() {
        leader = new TestNode("L");
        follower = new TestNode("F");
        leader.join(follower);
        follower.join(leader);
        leader.serve(snapshot, new TokenBucket(Long.MAX_VALUE, pace));
        puller = new SnapshotPuller(follower.identity(), Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() {
        puller.close();
        leader.close();
        follower.close();
    }

    @Test
    void a_snapshot_arrives_as_it_is() throws InterruptedException {
        pull();

        assertThat(Await.next(sink.ends)).isEqualTo(FakeSink.DONE);
        assertArrived();
        assertThat(sink.totalBytes).isEqualTo(SIZE);
        assertThat(snapshot.readBytes).hasValue(SIZE);
        Await.until("the snapshot is closed", () -> snapshot.closed.get() == 1);
    }

    @Test
    void an_empty_snapshot_arrives_too() throws InterruptedException {
        snapshot.sizeBytes = 0;

        pull();

        assertThat(Await.next(sink.ends)).isEqualTo(FakeSink.DONE);
        assertThat(sink.receivedBytes()).isZero();
    }

    @Test
    void a_pull_that_is_cut_off_goes_on_where_it_was() throws InterruptedException {
        snapshot.breaksAt = CUT;

        pull();

        assertThat(Await.next(sink.ends)).isEqualTo(FakeSink.DONE);
        assertArrived();
        assertThat(sink.restarts).hasValue(0);
        assertThat(snapshot.opened).hasValue(2);
        assertThat(snapshot.readBytes.get()).isBetween(SIZE, SIZE + LOST);
    }

    @Test
    void a_pull_starts_anew_if_the_bytes_are_others_now() throws InterruptedException {
        snapshot.breaksAt = CUT;
        snapshot.broken = () -> {
            snapshot.seed = 2;
            snapshot.sizeBytes = SIZE / 2;
            sink.seed = 2;
        };

        pull();

        assertThat(Await.next(sink.ends)).isEqualTo(FakeSink.DONE);
        assertThat(sink.restarts).hasValue(1);
        assertThat(sink.receivedBytes()).isEqualTo(SIZE / 2);
        assertThat(sink.wrongBytes).hasValue(0);
    }

    @Test
    void what_an_earlier_pull_has_left_is_forgotten_unless_it_is_known() throws InterruptedException {
        pull();
        Await.next(sink.ends);
        SnapshotPuller other = new SnapshotPuller(follower.identity(), Duration.ofSeconds(5));
        try (other) {
            other.pull(target(FakeSnapshot.LAST), sink, sink);

            assertThat(Await.next(sink.ends)).isEqualTo(FakeSink.DONE);
        }
        assertArrived();
        assertThat(sink.restarts).hasValue(1);
    }

    @Test
    void a_later_pull_ends_the_earlier_one_and_goes_on_with_its_sink() throws InterruptedException {
        CountDownLatch cut = new CountDownLatch(1);
        snapshot.breaksAt = CUT;
        snapshot.broken = () -> {
            cut.countDown();
            leaveThere();
        };
        pull();
        cut.await();

        pull();

        assertThat(Await.next(sink.ends)).endsWith(": canceled");
        assertThat(Await.next(sink.ends)).isEqualTo(FakeSink.DONE);
        assertArrived();
        assertThat(sink.restarts).hasValue(0);
        assertThat(snapshot.readBytes.get()).isBetween(SIZE, SIZE + LOST);
    }

    /** Keeps a transfer where it is until its connection is closed. */
    private void leaveThere() {
        Await.until("the next one comes", () -> snapshot.opened.get() > 1);
    }

    @Test
    void a_pull_that_is_canceled_ends_at_once() throws InterruptedException {
        CountDownLatch cut = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        snapshot.breaksAt = CUT;
        snapshot.broken = () -> {
            cut.countDown();
            await(goOn);
        };
        pull();
        cut.await();

        puller.cancel();

        assertThat(Await.next(sink.ends)).endsWith(": canceled");
        goOn.countDown();
        assertThat(sink.ends).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_snapshot_that_is_gone_ends_the_pull_with_a_sentence() throws InterruptedException {
        puller.pull(target(new EntryId(901, 2)), sink, sink);

        assertThat(Await.next(sink.ends))
                .isEqualTo("cannot pull the snapshot of (index 901, term 2) from " + leader.id() + " at " + leader.url()
                        + ": this node has no snapshot of (index 901, term 2), or no longer:"
                        + " wait for the leader to offer its latest one");
    }

    @Test
    void a_pull_from_nowhere_is_tried_several_times_and_then_fails() throws InterruptedException {
        leader.stopServer();

        pull();

        assertThat(Await.next(sink.ends)).endsWith(", in the last of " + Pull.MAX_VAIN_TRIES + " tries in vain");
    }

    @Test
    void a_server_that_falls_silent_is_given_up_and_asked_again() throws InterruptedException {
        CountDownLatch goOn = new CountDownLatch(1);
        snapshot.breaksAt = CUT;
        snapshot.broken = () -> await(goOn);
        SnapshotPuller impatient = new SnapshotPuller(follower.identity(), Duration.ofMillis(500));
        try (impatient) {
            impatient.pull(target(FakeSnapshot.LAST), sink, sink);

            assertThat(Await.next(sink.ends)).isEqualTo(FakeSink.DONE);
        }
        goOn.countDown();
        assertArrived();
        assertThat(sink.restarts).hasValue(0);
    }

    @Test
    void a_sink_that_cannot_write_ends_the_pull() throws InterruptedException {
        sink.fullAt = CUT;

        pull();

        assertThat(Await.next(sink.ends)).endsWith(": it cannot be written here: disk full");
    }

    @Test
    void a_transfer_keeps_to_the_rate() throws InterruptedException {
        leader.close();
        leader = new TestNode("L");
        leader.join(follower);
        leader.serve(snapshot, new TokenBucket(SIZE / 16, pace));

        pull();

        assertThat(Await.next(sink.ends)).isEqualTo(FakeSink.DONE);
        assertArrived();
        assertThat(pace.millis()).isBetween(15_900L, 16_000L);
    }

    @Test
    void what_is_not_meant_for_this_node_is_refused() throws Exception {
        String path = "/snapshot/900-2";
        assertThat(get(path, request -> request).statusCode()).isEqualTo(400);
        assertThat(get(path, request -> request).body()).contains("X-Raft-Cluster");
        assertThat(asPeer(path, request -> request).statusCode()).isEqualTo(200);
        assertThat(asPeer(path, request -> request.setHeader("X-Raft-Cluster", "c2"))
                        .statusCode())
                .isEqualTo(421);
        assertThat(asPeer(path, request -> request.setHeader("X-Raft-Version", "2"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(asPeer(path, request -> request.DELETE()).statusCode()).isEqualTo(405);
        assertThat(asPeer("/snapshot/900", request -> request).statusCode()).isEqualTo(400);
        assertThat(asPeer("/snapshot/9999999999999999-2", request -> request).statusCode())
                .isEqualTo(400);
        assertThat(asPeer("/snapshot/900-1", request -> request).statusCode()).isEqualTo(404);
    }

    @Test
    void parts_are_served_as_they_are_asked_for() throws Exception {
        snapshot.sizeBytes = 100;

        HttpResponse<String> rest = asPeer("/snapshot/900-2", request -> request.setHeader("Range", "bytes=90-"));
        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(rest.headers().firstValue("Content-Range")).contains("bytes 90-99/100");
        assertThat(rest.headers().firstValue("Content-Length")).contains("10");
        assertThat(rest.headers().firstValue("ETag")).contains("\"tag-1\"");

        HttpResponse<String> others = asPeer("/snapshot/900-2", request -> request.setHeader("Range", "bytes=90-")
                .setHeader("If-Range", "\"tag-2\""));
        assertThat(others.statusCode()).isEqualTo(200);
        assertThat(others.headers().firstValue("Content-Length")).contains("100");

        HttpResponse<String> beyond = asPeer("/snapshot/900-2", request -> request.setHeader("Range", "bytes=100-"));
        assertThat(beyond.statusCode()).isEqualTo(416);
        assertThat(beyond.headers().firstValue("Content-Range")).contains("bytes */100");

        assertThat(asPeer("/snapshot/900-2", request -> request.setHeader("Range", "bytes=1-2"))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void a_transport_serves_snapshots_once() {
        assertThatIllegalStateException().isThrownBy(() -> leader.transport().snapshotHandler(snapshot, 1));
    }

    @Test
    void heartbeats_do_not_wait_for_a_snapshot() throws InterruptedException {
        CountDownLatch cut = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        leader.core = Messages::yes;
        snapshot.breaksAt = CUT;
        snapshot.broken = () -> {
            cut.countDown();
            await(goOn);
        };
        pull();
        cut.await();

        follower.send(Messages.heartbeat(follower, leader, 1));

        assertThat(Await.next(follower.received).envelope().nonce()).isEqualTo(1);
        goOn.countDown();
        assertThat(Await.next(sink.ends)).isEqualTo(FakeSink.DONE);
    }

    private void pull() {
        puller.pull(target(FakeSnapshot.LAST), sink, sink);
    }

    private SnapshotPuller.Target target(EntryId last) {
        return new SnapshotPuller.Target(leader.id(), leader.url(), 12, last);
    }

    private void assertArrived() {
        assertThat(sink.receivedBytes()).isEqualTo(SIZE);
        assertThat(sink.wrongBytes).hasValue(0);
    }

    private interface Change {
        HttpRequest.Builder of(HttpRequest.Builder request);
    }

    private HttpResponse<String> asPeer(String path, Change change) throws IOException, InterruptedException {
        return get(path, request -> {
            new WireHeaders(
                            Messages.envelope(follower, leader, 1),
                            "F",
                            WireHeaders.PROTOCOL_VERSION,
                            WireHeaders.NO_RUN,
                            Peering.UNBOUND,
                            Optional.empty())
                    .write(request::header);
            return change.of(request);
        });
    }

    private HttpResponse<String> get(String path, Change change) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(leader.url().resolve(path)).version(HttpClient.Version.HTTP_1_1);
        return HttpClient.newHttpClient().send(change.of(request).build(), HttpResponse.BodyHandlers.ofString());
    }
}
