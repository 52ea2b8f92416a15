package io.raftlite.http;

import java.util.concurrent.TimeUnit;

/** The time by which transfers are paced; tests let it pass by themselves. */
interface Pace {
    /** The time of this machine. */
    Pace SYSTEM = new Pace() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void pause(long nanos) throws InterruptedException {
            TimeUnit.NANOSECONDS.sleep(nanos);
        }
    };

    long nanoTime();

    void pause(long nanos) throws InterruptedException;
}
