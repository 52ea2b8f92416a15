package io.raftlite.http;

import io.raftlite.Message;

/** One HTTP request for each message, on connections of HTTP/1.1. */
final class JsonLanes implements Lanes {
    private final Caller controlCaller;
    private final Caller bulkCaller;
    private final ControlLane control;
    private final BulkLane bulk;
    private final BackOff backOff = new BackOff();
    private final Events events;

    JsonLanes(Caller controlCaller, Caller bulkCaller, Timeouts timeouts, Timer timer, Events events) {
        this.controlCaller = controlCaller;
        this.bulkCaller = bulkCaller;
        this.events = events;
        this.control = new ControlLane(controlCaller, backOff, timeouts, timer, release -> new CallEnd(release, true));
        this.bulk = new BulkLane(bulkCaller, backOff, timeouts, release -> new CallEnd(release, false));
    }

    @Override
    public void sendControl(Rpc rpc, Message message) {
        control.send(rpc, message);
    }

    @Override
    public boolean sendAppend(Message.AppendRequest append) {
        return bulk.send(append);
    }

    @Override
    public void become(Peering peering) {
        controlCaller.call(peering);
        bulkCaller.call(peering);
    }

    @Override
    public void present() {
        if (backOff.end()) {
            control.pump();
        }
    }

    /** Calls say nothing of the run that they go to: all are ended. */
    @Override
    public void cutOff(long current) {
        controlCaller.cancelAll();
        bulkCaller.cancelAll();
        evictIdle();
    }

    private void evictIdle() {
        controlCaller.evictIdle();
        bulkCaller.evictIdle();
    }

    @Override
    public void close() {
        control.close();
        cutOff(WireHeaders.NO_RUN);
    }

    private final class CallEnd implements Caller.End {
        private final Runnable release;
        private final boolean isControl;
        private final long startedNanos = System.nanoTime();

        CallEnd(Runnable release, boolean isControl) {
            this.release = release;
            this.isControl = isControl;
        }

        @Override
        public void answered(WireHeaders headers, Message answer) {
            release.run();
            events.answered(headers, answer);
        }

        @Override
        public void unanswered() {
            release.run();
            events.unanswered();
        }

        @Override
        public void refused(Refusal refusal) {
            release.run();
            events.refused(refusal);
        }

        @Override
        public void failed(Failure failure, String reason) {
            if (failure == Failure.UNREACHABLE) {
                backOff.failed(startedNanos, System.nanoTime());
            }
            if (failure == Failure.UNREACHABLE || failure == Failure.BROKEN) {
                // The other connections have lost their peer too; left alone, each would cost a message.
                evictIdle();
            }
            release.run();
            // An append may time out because a disk is slow; that says nothing about the network.
            events.failed(failure, reason, startedNanos, isControl || failure != Failure.TIMEOUT);
        }
    }
}
