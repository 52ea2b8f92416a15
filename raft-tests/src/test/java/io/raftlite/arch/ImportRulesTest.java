package io.raftlite.arch;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Holds the import rules of the project.
 *
 * <p>The rules of the deterministic packages are lists of what is allowed, so that a new temptation fails until somebody
 * decides for it here. A package of a list stands for itself, never for the packages below it.
 */
@AnalyzeClasses(packages = "io.raftlite", importOptions = DoNotIncludeTests.class)
final class ImportRulesTest {
    private static final String CORE = "io.raftlite";
    private static final String REPLICA = "io.raftlite.replica";
    private static final String SIM = "io.raftlite.sim";
    private static final String SCENARIO = "io.raftlite.sim.scenario";
    private static final String EXPLORE = "io.raftlite.sim.explore";
    private static final String HTTP = "io.raftlite.http";
    private static final String NODE = "io.raftlite.node";
    private static final String KV = "io.raftlite.node.kv";
    private static final String DISK = "io.raftlite.node.storage";
    private static final String CLIENT = "io.raftlite.client";

    /** What the protocol may use: values, collections, a buffer, numbers in an array of bytes, a checksum, a logger. */
    private static final List<String> PROTOCOL = List.of(
            "java.lang",
            "java.util",
            "java.util.function",
            "java.util.stream.LongStream",
            "java.util.stream.Stream",
            "java.lang.invoke.MethodHandles",
            "java.lang.invoke.VarHandle",
            "java.time.Duration",
            "java.nio.ByteBuffer",
            "java.nio.ByteOrder",
            "java.nio.BufferUnderflowException",
            "java.nio.charset.Charset",
            "java.nio.charset.StandardCharsets",
            "java.util.zip.CRC32C",
            "org.slf4j",
            "org.jspecify.annotations");

    /** What a replica adds: the streams of a snapshot, and futures that somebody else completes. */
    private static final List<String> OF_A_REPLICA = with(
            PROTOCOL,
            "java.io",
            "java.nio.CharBuffer",
            "java.nio.charset",
            "java.util.concurrent.CompletableFuture",
            "java.util.concurrent.CopyOnWriteArrayList",
            "java.util.concurrent.Executor");

    @ArchTest
    static final ArchRule the_protocol_sees_only_itself_and_a_little_of_the_jdk =
            classes().that().resideInAPackage(CORE).should().onlyDependOnClassesThat(areAmong(with(PROTOCOL, CORE)));

    @ArchTest
    static final ArchRule a_replica_sees_the_protocol_and_adds_streams_and_futures = classes()
            .that()
            .resideInAPackage(REPLICA)
            .should()
            .onlyDependOnClassesThat(areAmong(with(OF_A_REPLICA, CORE, REPLICA)));

    @ArchTest
    static final ArchRule the_simulator_sees_only_the_core = classes()
            .that()
            .resideInAPackage(SIM)
            .should()
            .onlyDependOnClassesThat(areAmong(with(OF_A_REPLICA, "java.util.stream", CORE, REPLICA, SIM)));

    @ArchTest
    static final ArchRule the_scenarios_see_only_the_core_and_the_simulator = classes()
            .that()
            .resideInAPackage(SCENARIO)
            .should()
            .onlyDependOnClassesThat(
                    areAmong(with(OF_A_REPLICA, "java.util.stream", "java.util.regex", CORE, REPLICA, SIM, SCENARIO)));

    @ArchTest
    static final ArchRule the_exploration_sees_only_the_protocol = classes()
            .that()
            .resideInAPackage(EXPLORE)
            .should()
            .onlyDependOnClassesThat(areAmong(with(PROTOCOL, "java.util.stream", CORE, EXPLORE)));

    @ArchTest
    static final ArchRule the_key_value_machine_is_written_against_the_public_replica_alone =
            classes().that().resideInAPackage(KV).should().onlyDependOnClassesThat(areNotOursExcept(KV, REPLICA));

    @ArchTest
    static final ArchRule the_transport_sees_only_the_protocol =
            classes().that().resideInAPackage(HTTP).should().onlyDependOnClassesThat(areNotOursExcept(HTTP, CORE));

    @ArchTest
    static final ArchRule the_disk_sees_only_the_core = classes()
            .that()
            .resideInAPackage(DISK)
            .should()
            .onlyDependOnClassesThat(areNotOursExcept(DISK, CORE, REPLICA));

    @ArchTest
    static final ArchRule the_client_shares_no_class_with_the_server =
            classes().that().resideInAPackage(CLIENT).should().onlyDependOnClassesThat(areNotOursExcept(CLIENT));

    @ArchTest
    static final ArchRule a_class_lives_in_one_of_the_packages_of_the_house =
            classes().should().resideInAnyPackage(CORE, REPLICA, SIM, SCENARIO, EXPLORE, HTTP, NODE, KV, DISK, CLIENT);

    @ArchTest
    static final ArchRule the_deterministic_packages_have_no_clock_no_thread_and_no_dice = noClasses()
            .that()
            .resideInAnyPackage(CORE, REPLICA, SIM, SCENARIO, EXPLORE)
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "identityHashCode", Object.class)
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Thread.class, Random.class, ThreadLocalRandom.class);

    @ArchTest
    static final ArchRule packages_form_no_cycles =
            slices().matching("(io.raftlite..)").should().beFreeOfCycles();

    private static List<String> with(List<String> allowed, String... more) {
        return Stream.concat(allowed.stream(), Stream.of(more)).toList();
    }

    /** Whether a class is named, or its package is. The part type of an array counts. */
    private static DescribedPredicate<JavaClass> areAmong(List<String> names) {
        return describe("are among " + names, used -> {
            JavaClass part = used.getBaseComponentType();
            return part.isPrimitive() || names.contains(part.getPackageName()) || names.contains(part.getName());
        });
    }

    /** Whether a class is somebody else's, or in one of these packages of ours. */
    private static DescribedPredicate<JavaClass> areNotOursExcept(String... packages) {
        List<String> names = Stream.of(packages).toList();
        return describe("of ours are in " + names, used -> {
            String name = used.getBaseComponentType().getPackageName();
            boolean ours = name.equals(CORE) || name.startsWith(CORE + ".");
            return !ours || names.contains(name);
        });
    }
}
