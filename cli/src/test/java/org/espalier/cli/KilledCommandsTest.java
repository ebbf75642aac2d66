package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands that work on a run, killed at random moments: each file of the run is then what it was before or what it was to become, the
 * user's files are what they were, and the same command again comes to the same end as if nothing had happened.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "sends SIGKILL, which Windows does not have")
class KilledCommandsTest {
    private static final long SEED = Long.getLong("tests.seed", 20261130L);
    private static final int KILLS = Integer.getInteger("tests.kills", 50);

    /** What is killed. */
    private enum Kind {
        SHRINK,
        SHRINK_ELSEWHERE,
        SWEEP,
        EVAL,
        REPRODUCE,
        EXPORT,
        TWO_WRITERS
    }

    @TempDir
    private static Path shared;

    private static Path data;

    /** A folder in the state in which each command begins: the run, the runs of reproduce, and files of the user's. */
    private static Path before;

    /** What each command leaves, and how many milliseconds it takes. */
    private static final Map<Kind, Path> AFTER = new EnumMap<>(Kind.class);

    private static final Map<Kind, Long> MILLIS = new EnumMap<>(Kind.class);

    @BeforeAll
    static void undisturbed() throws Exception {
        data = TinyMnist.write(shared.resolve("data"), 200, 50);
        before = Files.createDirectory(shared.resolve("before"));
        Run finished = Run.of(train("--out=" + before.resolve("run"), "--bench-seconds=0.01"));
        RunAssert.assertFinished(finished);
        trainWithoutExport(before.resolve("trained"));
        for (String place : List.of("run", "trained", ".")) {
            Files.writeString(before.resolve(place).resolve("notes.txt"), "mine");
            Files.writeString(before.resolve(place).resolve(".notes.0123abcd.tmp"), "mine");
        }
        Files.writeString(before.resolve("trained/checkpoint/best.pt"), "mine");
        for (Kind kind : Kind.values()) {
            Path after = copy(before, shared.resolve("after " + kind));
            long start = System.nanoTime();
            try (Child child = Child.start(shared, command(kind, after))) {
                Run run = child.end();
                RunAssert.assertFinished(run);
            }
            MILLIS.put(kind, (System.nanoTime() - start) / 1_000_000);
            AFTER.put(kind, after);
        }
    }

    private static String[] train(String... more) {
        List<String> args = new ArrayList<>(List.of(
                "train",
                "lenet-300-100",
                "--data=mnist",
                "--data-dir=" + data,
                "--pretrain-epochs=1",
                "--epochs=3",
                "--finetune-epochs=1",
                "--batch-size=20",
                "--precision=float32",
                "--threads=1"));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    /** A run of which all is done but the export: its process is killed while it times the result. */
    private static void trainWithoutExport(Path run) throws Exception {
        try (Child child = Child.start(shared, train("--out=" + run, "--bench-seconds=60"))) {
            child.await(() -> Files.exists(run.resolve("pruned.onnx")));
            child.kill();
        }
        assertThat(run.resolve("report.json")).doesNotExist();
    }

    private static String[] command(Kind kind, Path place) {
        String run = place.resolve("run").toString();
        String quick = "--bench-seconds=0.01";
        String[] export = {"train", "--resume=" + place.resolve("trained"), quick};
        return switch (kind) {
            case SHRINK -> new String[] {"shrink", run, "--threshold=1.5", quick};
            case SHRINK_ELSEWHERE ->
                new String[] {"shrink", run, "--threshold=2", quick, "--out=" + place.resolve("small.onnx")};
            case SWEEP -> new String[] {"sweep", run, "--to=2", "--step=1"};
            case EVAL -> new String[] {"eval", run + "/pruned.onnx", "--data=mnist", "--data-dir=" + data};
            case REPRODUCE ->
                new String[] {
                    "reproduce",
                    "mnist",
                    "--data-dir=" + data,
                    "--networks=lenet-300-100",
                    "--methods=sbp",
                    "--pretrain-epochs=1",
                    "--epochs=2",
                    "--finetune-epochs=1",
                    "--precision=float32",
                    "--threads=1",
                    quick,
                    "--out=" + place.resolve("runs")
                };
            case EXPORT, TWO_WRITERS -> export;
        };
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path p : all.toList()) {
                Files.copy(p, to.resolve(from.relativize(p)));
            }
        }
        return to;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }

    /** Files whose bytes say nothing of the clock or of a run's id. */
    private static boolean isExact(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".onnx")
                || name.equals("posterior.bin")
                || name.startsWith("sweep.")
                || name.startsWith("notes")
                || name.equals("best.pt")
                || name.startsWith(".notes");
    }

    /** Each file is what it was or what it is to become; start.onnx may be gone, and only that one. */
    private static void assertNothingLost(Kind kind, Path place) throws IOException {
        Path after = Objects.requireNonNull(AFTER.get(kind));
        for (Path p : files(before)) {
            Path name = before.relativize(p);
            boolean mayGo = !Files.exists(after.resolve(name), LinkOption.NOFOLLOW_LINKS);
            assertThat(Files.exists(place.resolve(name)) || mayGo)
                    .as("%s after %s", name, kind)
                    .isTrue();
        }
        for (Path p : files(place)) {
            if (isExact(p)) {
                Path name = place.relativize(p);
                assertThat(same(p, before.resolve(name)) || same(p, after.resolve(name)) || isStart(p))
                        .as("%s after %s", name, kind)
                        .isTrue();
            }
        }
    }

    /** Runs of reproduce that are not finished have one, which is not there before nor after. */
    private static boolean isStart(Path file) {
        return file.endsWith("start.onnx") && file.toString().contains("runs");
    }

    private static boolean same(Path a, Path b) throws IOException {
        return Files.exists(b) && Files.mismatch(a, b) < 0;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    /** The same command again: the same end. */
    private static void assertGoesOn(Kind kind, Path place) throws IOException {
        Run run = Run.of(command(kind, place));
        RunAssert.assertFinished(run);
        Path after = Objects.requireNonNull(AFTER.get(kind));
        for (Path p : files(after)) {
            if (isExact(p)) {
                assertThat(same(p, place.resolve(after.relativize(p))))
                        .as("%s of %s", after.relativize(p), kind)
                        .isTrue();
            }
        }
        assertThat(files(place))
                .noneMatch(p -> p.toString().contains("/run/") && p.toString().endsWith(".espalier.tmp"));
    }

    private static void kill(Kind kind, Path place, SplittableRandom random) throws Exception {
        try (Child child = Child.start(shared, command(kind, place))) {
            if (kind == Kind.TWO_WRITERS) {
                try (Child second = Child.start(shared, command(kind, place))) {
                    if (!child.endsWithin(random.nextLong(Objects.requireNonNull(MILLIS.get(kind))))) {
                        child.kill();
                    }
                    Run other = second.end();
                    if (other.code() == 2) {
                        assertThat(other.err()).contains("another process works on this run");
                    } else {
                        RunAssert.assertFinished(other);
                    }
                }
            } else if (!child.endsWithin(random.nextLong(Objects.requireNonNull(MILLIS.get(kind))))) {
                child.kill();
            }
        }
    }

    private static void killAll(int kills, List<Kind> kinds, Path base) throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        Map<Kind, Integer> counts = new TreeMap<>();
        for (int i = 0; i < kills; i++) {
            Kind kind = kinds.get(i % kinds.size());
            Path place = copy(before, base.resolve("place" + i));
            kill(kind, place, random);
            assertNothingLost(kind, place);
            if (random.nextInt(3) == 0) {
                kill(kind, place, random);
                assertNothingLost(kind, place);
            }
            assertGoesOn(kind, place);
            assertNothingLost(kind, place);
            counts.merge(kind, 1, Integer::sum);
            delete(place);
        }
        System.out.println("killed, -Dtests.seed=" + SEED + ": " + counts);
    }

    @Test
    void commands_killedOnceEach_loseNothing(@TempDir Path base) throws Exception {
        killAll(Kind.values().length, List.of(Kind.values()), base);
    }

    @Test
    @Tag("slow")
    void commands_killedOften_loseNothing(@TempDir Path base) throws Exception {
        killAll(KILLS, List.of(Kind.values()), base);
    }
}
