package io.raftlite.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long BURST_MILLIS = 100;

    private final FakePace pace = new FakePace();

    @Test
    void bytes_take_the_time_that_the_rate_gives_them_after_a_short_burst() throws InterruptedException {
        TokenBucket bucket = new TokenBucket(1_000_000, pace);

        bucket.take(100_000);
        assertThat(pace.millis()).isZero();
        bucket.take(500_000);
        assertThat(pace.millis()).isEqualTo(500);
        bucket.take(2_000_000);
        assertThat(pace.millis()).isEqualTo(2_500);
    }

    @Test
    void idle_time_saves_up_no_more_than_a_burst() throws InterruptedException {
        TokenBucket bucket = new TokenBucket(1_000_000, pace);

        pace.pause(TimeUnit.HOURS.toNanos(5));
        long begun = pace.millis();
        bucket.take(1_100_000);

        assertThat(pace.millis() - begun).isEqualTo(1_000);
    }

    @Test
    void all_who_take_share_one_rate() throws InterruptedException {
        TokenBucket bucket = new TokenBucket(1_000_000, pace);

        for (int i = 0; i < 1_000; i++) {
            bucket.take(3_000);
            bucket.take(7_000);
        }

        assertThat(pace.millis()).isEqualTo(10_000 - BURST_MILLIS);
    }

    @Test
    void without_a_limit_nobody_waits() throws InterruptedException {
        TokenBucket bucket = new TokenBucket(Long.MAX_VALUE, pace);

        bucket.take(Long.MAX_VALUE / 8);
        bucket.take(1L << 50);

        assertThat(pace.millis()).isLessThan(1_000);
    }

    @Test
    void portions_are_small_at_a_low_rate_and_never_large() {
        assertThat(new TokenBucket(1, pace).portionBytes()).isEqualTo(512);
        assertThat(new TokenBucket(100_000, pace).portionBytes()).isEqualTo(2_000);
        assertThat(new TokenBucket(Long.MAX_VALUE, pace).portionBytes()).isEqualTo(64 << 10);
    }

    @Test
    void a_rate_is_positive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenBucket(0, pace))
                .withMessage("a rate must be 1 byte per second or more, not 0");
    }
}
