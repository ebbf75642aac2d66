package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native libraries are unpacked by the first start: killed, together with others, or found cut later, it does no harm. */
class FirstStartTest {
    private static final long SEED = Long.getLong("tests.seed", 20261130L);
    private static final int KILLS = Integer.getInteger("tests.kills", 50);
    private static final int STARTS = 4;

    @TempDir
    private Path folder;

    private Child fill(Path cache) throws IOException {
        Map<String, String> environment = Map.of("ESPALIER_CACHE", cache.toString());
        return Child.start(folder.resolve("streams"), List.of(), List.of(), environment, "cache", "fill", "--json");
    }

    /** A start that unpacks what is missing and loads it. */
    private Run whole(Path cache) throws Exception {
        try (Child child = fill(cache)) {
            Run run = child.end();
            RunAssert.assertFinished(run);
            return run;
        }
    }

    private static void delete(Path cache) throws IOException {
        try (Stream<Path> all = Files.walk(cache)) {
            for (Path p : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }

    private static Path library(Path cache, String name) throws IOException {
        try (Stream<Path> all = Files.walk(cache)) {
            return all.filter(p -> p.endsWith(System.mapLibraryName(name)) && !Files.isSymbolicLink(p))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Kills after a time by chance, at most what a whole start takes; each kill finds what the ones before left. */
    private void kill(int kills, int eachCache) throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        Path cache = folder.resolve("cache");
        long begin = System.nanoTime();
        whole(cache);
        long millis = (System.nanoTime() - begin) / 1_000_000;
        int hit = 0;
        for (int i = 0; i < kills; i++) {
            if (i % eachCache == 0) {
                delete(cache);
            }
            try (Child child = fill(cache)) {
                if (!child.endsWithin(random.nextLong(millis / 10, millis))) {
                    hit++;
                }
                child.kill();
            }
            if (i % eachCache == eachCache - 1) {
                whole(cache);
                RunAssert.assertNoTemporaryFiles(cache);
            }
        }
        assertThat(hit)
                .as("kills that hit, of %d, -Dtests.seed=%d", kills, SEED)
                .isGreaterThan(kills / 3);
    }

    @Test
    void killedFirstStarts_laterOnesRun() throws Exception {
        kill(5, 5);
    }

    @Test
    @Tag("slow")
    void killedFirstStarts_many_laterOnesRun() throws Exception {
        kill(KILLS, 2);
    }

    @Test
    void startsAtOnceOnAnEmptyCache_allRun() throws Exception {
        Path cache = folder.resolve("cache");
        List<Child> starts = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            starts.add(fill(cache));
        }
        for (Child start : starts) {
            try (start) {
                Run run = start.end();
                RunAssert.assertFinished(run);
                assertThat(run.json().path("natives").path("bytes").asLong()).isGreaterThan(10_000_000);
            }
        }
    }

    @Test
    void cutOrChangedLibrary_isUnpackedAnew_andAWholeOneIsNot() throws Exception {
        Path cache = folder.resolve("cache");
        whole(cache);
        Path cut = library(cache, "torch_cpu");
        Path changed = library(cache, "onnxruntime");
        Path untouched = library(cache, "jnitorch");
        Object file = Files.readAttributes(untouched, "unix:ino").get("ino");
        long size = Files.size(cut);
        FileTime time = Files.getLastModifiedTime(changed);
        try (FileChannel channel = FileChannel.open(cut, StandardOpenOption.WRITE)) {
            channel.truncate(size / 2);
        }
        try (FileChannel channel = FileChannel.open(changed, StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.allocate(1000), 4000);
        }
        whole(cache);
        assertThat(Files.size(cut)).isEqualTo(size);
        assertThat(Files.getLastModifiedTime(changed)).isEqualTo(time);
        assertThat(Files.readAttributes(untouched, "unix:ino").get("ino")).isEqualTo(file);
    }

    /** As one that was filled when an image was made. */
    @Test
    void wholeCache_thatCannotBeWritten_isUsedAndLeftAlone() throws Exception {
        Path cache = folder.resolve("cache");
        whole(cache);
        assumeTrue(succeeds("mount", "--bind", cache.toString(), cache.toString()), "mount is not allowed");
        try {
            assertThat(succeeds("mount", "-o", "remount,ro,bind", cache.toString()))
                    .isTrue();
            Path home = Files.createDirectory(folder.resolve("home"));
            Map<String, String> environment = Map.of("ESPALIER_CACHE", cache.toString(), "HOME", home.toString());
            List<String> java = List.of("-Duser.home=" + home);
            try (Child child = Child.start(folder, List.of(), java, environment, "cache", "fill", "--json")) {
                Run run = child.end();
                RunAssert.assertFinished(run);
            }
            assertThat(home).isEmptyDirectory();
        } finally {
            succeeds("umount", "-l", cache.toString());
        }
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void clear_removesWhatFillMade_andNoOtherFile() throws Exception {
        Path cache = folder.resolve("cache");
        whole(cache);
        Path own = Files.writeString(cache.resolve("natives").resolve("libmine.so"), "mine");
        Path beside = Files.writeString(library(cache, "onnxruntime").resolveSibling("notes.txt"), "mine");
        Path data = Files.createDirectories(cache.resolve("data").resolve("mnist"));
        Files.writeString(data.resolve("train-images-idx3-ubyte.gz"), "downloaded");
        Path pictures = Files.writeString(data.resolve("mine.zip"), "mine");
        Map<String, String> environment = Map.of("ESPALIER_CACHE", cache.toString());
        try (Child child = Child.start(folder, List.of(), List.of(), environment, "cache", "clear", "--json")) {
            Run run = child.end();
            RunAssert.assertFinished(run);
            assertThat(run.json().path("natives").path("bytes").asLong(-1)).isZero();
            assertThat(run.json().path("data").path("files").asLong(-1)).isZero();
        }
        try (Stream<Path> all = Files.walk(cache)) {
            assertThat(all.filter(p -> !Files.isDirectory(p)))
                    .containsExactlyInAnyOrder(own, beside, pictures, cache.resolve("natives/.espalier.lock"));
        }
    }
}
