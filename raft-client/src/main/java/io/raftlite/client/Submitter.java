package io.raftlite.client;

import com.google.gson.JsonObject;
import io.raftlite.client.RaftClientException.No;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.UUID;

/** Submits commands and writes what became of them. */
final class Submitter {
    private final Session session;

    Submitter(Session session) {
        this.session = session;
    }

    /** Submits one command; returns the exit code. */
    int submit(String command) {
        try {
            Applied applied = Session.await(
                    session.client().submit(command, UUID.randomUUID().toString()));
            session.print(session.isJson() ? json(applied) : applied.result());
            return ExitCode.DONE;
        } catch (No no) {
            return no(no);
        }
    }

    /** A missing key has no text to print; the answer of a comparison has. */
    private int no(No no) {
        if (session.isJson()) {
            JsonObject json = new JsonObject();
            json.addProperty("success", false);
            json.addProperty("code", no.code());
            json.addProperty("result", no.getMessage());
            session.print(json.toString());
        } else if (no.code().equals("not-found")) {
            session.complain(no);
        } else {
            session.print(String.valueOf(no.getMessage()));
        }
        return ExitCode.ANSWERED_NO;
    }

    private static String json(Applied applied) {
        JsonObject json = new JsonObject();
        json.addProperty("success", true);
        json.addProperty("result", applied.result());
        json.addProperty("index", applied.index());
        json.addProperty("term", applied.term());
        return json.toString();
    }

    /**
     * Submits one command a line, each after the answer to the one before; stops at the first that is not answered.
     *
     * @return the exit code: 1 if any was answered no
     */
    int submitLines(BufferedReader lines) throws IOException {
        int exitCode = ExitCode.DONE;
        int number = 0;
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    exitCode = Math.max(exitCode, submit(line));
                }
            }
            return exitCode;
        } catch (CharacterCodingException notText) {
            throw new UsageException(
                    "the line after line " + number + ", or one soon behind it, is not text in UTF-8",
                    "send text, one command a line");
        } catch (RaftClientException error) {
            session.complain(error);
            session.err().println("hint: this was line " + number + "; the lines before it are done, those behind not");
            return ExitCode.of(error);
        }
    }
}
