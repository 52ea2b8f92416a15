package io.raftlite.node;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.util.List;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/**
 * Sets up what is logged, and how: a line an event on standard output, {@code HH:mm:ss.SSS} and the text.
 *
 * <p>The lines are written by a thread of their own. If nobody reads them, as when a terminal is paused, lines are lost
 * and the node goes on: the protocol never waits for a log line.
 */
final class LogSetup {
    private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");
    private static final int QUEUE_LINES = 8_192;

    private LogSetup() {}

    /** @throws IllegalArgumentException if level or format is not known */
    static void requireKnown(String level, String format) {
        if (!LEVELS.contains(level.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("--log-level: '" + level + "' is none of " + String.join(", ", LEVELS));
        }
        if (!format.equals("text") && !format.equals("json")) {
            throw new IllegalArgumentException("--log-format: '" + format + "' is neither text nor json");
        }
    }

    /** @throws IllegalArgumentException if level or format is not known */
    static void apply(String level, String format) {
        requireKnown(level, format);
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setEncoder(encoder(context, format));
        console.start();
        AsyncAppender lines = new AsyncAppender();
        lines.setContext(context);
        lines.setQueueSize(QUEUE_LINES);
        lines.setNeverBlock(true);
        lines.addAppender(console);
        lines.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(lines);
        context.getLogger("io.raftlite").setLevel(Level.toLevel(level));
    }

    private static Encoder<ILoggingEvent> encoder(LoggerContext context, String format) {
        if (format.equals("json")) {
            JsonEncoder json = new JsonEncoder();
            json.setContext(context);
            json.setWithFormattedMessage(true);
            json.setWithMessage(false);
            json.setWithArguments(false);
            json.setWithContext(false);
            json.start();
            return json;
        }
        PatternLayoutEncoder text = new PatternLayoutEncoder();
        text.setContext(context);
        text.setPattern("%d{HH:mm:ss.SSS} %msg%n");
        text.start();
        return text;
    }

    /** Writes what still waits. */
    static void flush() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }
}
