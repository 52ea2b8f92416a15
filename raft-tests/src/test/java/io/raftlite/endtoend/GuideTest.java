package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.raftlite.replica.StateMachine;
import io.raftlite.sim.ClusterSimulation;
import io.raftlite.sim.Lots;
import io.raftlite.sim.SimulationException;
import io.raftlite.sim.StateMachineContract;
import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does what the guide to testing a state machine says: its programs compile, its tests pass, its failures fail as shown. */
class GuideTest {
    private static final String GUIDE = "raft-tests/docs/testing-your-state-machine.md";
    private static final Pattern CLASS = Pattern.compile("^(?:public )?class (\\w+)", Pattern.MULTILINE);

    @TempDir
    Path directory;

    private final List<String> names = new ArrayList<>();
    private Readme guide;
    private URLClassLoader programs;

    @BeforeEach
    void compile() throws Exception {
        guide = Readme.read(GUIDE);
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-cp", classPath, "-d", directory.toString()));
        for (String source : guide.blocks("java")) {
            Matcher name = CLASS.matcher(source);
            assertThat(name.find()).as(source).isTrue();
            Path file = directory.resolve(name.group(1) + ".java");
            Files.writeString(file, source);
            names.add(name.group(1));
            arguments.add(file.toString());
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
        programs = new URLClassLoader(
                new URL[] {new File(directory.toString()).toURI().toURL()},
                getClass().getClassLoader());
    }

    @AfterEach
    void close() throws Exception {
        programs.close();
    }

    @Test
    void the_tests_of_the_guide_pass() throws Exception {
        int run = 0;
        for (String name : names) {
            for (Method method : programs.loadClass(name).getDeclaredMethods()) {
                if (method.isAnnotationPresent(Test.class)) {
                    Constructor<?> constructor = method.getDeclaringClass().getDeclaredConstructor();
                    constructor.setAccessible(true);
                    method.setAccessible(true);
                    method.invoke(constructor.newInstance());
                    run++;
                }
            }
        }

        assertThat(run).isEqualTo(3);
    }

    @Test
    void the_failures_read_as_the_guide_shows() {
        List<String> shown = guide.blocks("text");

        SimulationException alone =
                catchThrowableOfType(SimulationException.class, () -> StateMachineContract.of(machine("GreedyBank"))
                        .commands(this::transfer)
                        .check());
        SimulationException inACluster =
                catchThrowableOfType(SimulationException.class, () -> ClusterSimulation.of(machine("GreedyBank"))
                        .commands(this::transfer)
                        .run());

        assertThat(shown).hasSize(2);
        assertThat(alone).hasMessageContainingAll(lines(shown.get(0)));
        assertThat(inACluster).hasMessageContainingAll(lines(shown.get(1)));
    }

    private static CharSequence[] lines(String block) {
        return block.lines().toArray(String[]::new);
    }

    private Supplier<StateMachine> machine(String name) {
        return () -> {
            try {
                return (StateMachine)
                        programs.loadClass(name).getDeclaredConstructor().newInstance();
            } catch (ReflectiveOperationException impossible) {
                throw new LinkageError(name, impossible);
            }
        };
    }

    private ByteBuffer transfer(Lots lots) {
        return ByteBuffer.allocate(24)
                .putLong(lots.between(1, 5))
                .putLong(lots.between(1, 5))
                .putLong(lots.between(1, 90))
                .flip();
    }
}
