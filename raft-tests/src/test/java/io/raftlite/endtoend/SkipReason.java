package io.raftlite.endtoend;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Prints why a test is skipped: Maven says no more than that one was. */
final class SkipReason implements TestWatcher {
    @Override
    public void testAborted(ExtensionContext context, Throwable cause) {
        System.out.println(context.getRequiredTestClass().getSimpleName() + ": " + cause.getMessage());
    }
}
