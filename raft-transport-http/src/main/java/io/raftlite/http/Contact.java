package io.raftlite.http;

import io.raftlite.NodeId;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is known of a peer: its name, whether it is there, why it refuses us. Tells people when that changes. */
final class Contact {
    private static final Logger logger = LoggerFactory.getLogger(HttpTransport.class);
    private static final long REPEAT_NANOS = 30_000_000_000L;
    private static final int MAX_CAUSES = 16;

    private enum Reach {
        UNKNOWN,
        REACHABLE,
        UNREACHABLE
    }

    private final String self;
    private final NodeId id;
    private final Map<String, Long> warnedNanos = new HashMap<>();
    private URI url;
    private Reach reach = Reach.UNKNOWN;
    private boolean isConnected;
    private long presentNanos;
    private String name = "";
    private String lastRefusal = "";
    private long run = WireHeaders.NO_RUN;

    Contact(String self, NodeId id, URI url) {
        this.self = self;
        this.id = id;
        this.url = url;
    }

    synchronized PeerStatus status() {
        return new PeerStatus(id, url, name, reach == Reach.REACHABLE, lastRefusal);
    }

    /** Takes the peer's new address; whatever was known of the old one is forgotten. */
    synchronized void moved(URI to) {
        logger.info("seeks peer at its new address peer={} url={} before={}", label(), to, url);
        url = to;
        reach = Reach.UNKNOWN;
        isConnected = false;
        lastRefusal = "";
        warnedNanos.clear();
    }

    synchronized String name() {
        return name;
    }

    /** Takes a message of the peer, and returns whether it is the first one of a new run of its process. */
    synchronized boolean heard(WireHeaders headers) {
        present();
        if (!headers.name().isEmpty()) {
            name = headers.name();
        }
        boolean isRestart = run != WireHeaders.NO_RUN && headers.run() != WireHeaders.NO_RUN && headers.run() != run;
        if (headers.run() != WireHeaders.NO_RUN) {
            run = headers.run();
        }
        return isRestart;
    }

    /** Takes the fact that the peer took a message of ours. */
    synchronized void accepted() {
        present();
        lastRefusal = "";
        warnedNanos.clear();
    }

    private void present() {
        isConnected = true;
        presentNanos = System.nanoTime();
        if (reach == Reach.UNREACHABLE) {
            logger.info("{} reaches peer again peer={} url={}", self, label(), url);
        }
        reach = Reach.REACHABLE;
    }

    /** Takes the peer's refusal of a message of ours; warns once per cause, and again after a while. */
    synchronized void refused(Refusal refusal, long now) {
        warn("is refused by", refusal, now);
    }

    /** Takes the fact that an answer of the peer is not taken here; warns as above. */
    synchronized void disbelieved(Refusal refusal, long now) {
        warn("does not take the answers of", refusal, now);
    }

    private void warn(String event, Refusal refusal, long now) {
        present();
        lastRefusal = refusal.sentence();
        Long warned = warnedNanos.get(refusal.code());
        if (warned != null && now - warned < REPEAT_NANOS) {
            return;
        }
        if (warnedNanos.size() >= MAX_CAUSES) {
            warnedNanos.clear();
        }
        warnedNanos.put(refusal.code(), now);
        logger.warn(
                "{} {} peer={} url={} status={} reason=\"{}\"",
                self,
                event,
                label(),
                url,
                refusal.status(),
                lastRefusal);
    }

    /** Takes a failure, and returns whether it is the news that the connection to the peer has ended. */
    synchronized boolean failed(Failure failure, String reason, long startedNanos) {
        if (failure == Failure.UNREACHABLE && isConnected && startedNanos - presentNanos < 0) {
            // It was not there yet when we knocked, and is now.
            return false;
        }
        if (reach != Reach.UNREACHABLE) {
            logger.info("{} cannot reach peer={} url={} reason=\"{}\"", self, label(), url, reason);
        }
        reach = Reach.UNREACHABLE;
        boolean isNews = isConnected && failure != Failure.TIMEOUT;
        if (isNews) {
            isConnected = false;
        }
        return isNews;
    }

    private String label() {
        return name.isEmpty() ? id.toString() : name;
    }
}
