package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The program in a process of its own, which can be killed. */
final class Child implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 180;

    private final Process process;
    private final Path out;
    private final Path err;

    private Child(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts it; its two streams go to files in {@code folder}. */
    static Child start(Path folder, String... args) throws IOException {
        return start(folder, List.of(), args);
    }

    /** As {@link #start(Path, String...)}, with options for Java. */
    static Child start(Path folder, List<String> java, String... args) throws IOException {
        return start(folder, List.of(), java, Map.of(), args);
    }

    /** As {@link #start(Path, String...)}, below another program, with options for Java, and variables of the environment. */
    static Child start(
            Path folder, List<String> below, List<String> java, Map<String, String> environment, String... args)
            throws IOException {
        List<String> command = new ArrayList<>(below);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xlog:disable", "-cp"));
        command.addAll(command.size() - 1, java);
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(EspalierCommand.class.getName());
        command.addAll(List.of(args));
        Files.createDirectories(folder);
        Path out = Files.createTempFile(folder, "child", ".out");
        Path err = Files.createTempFile(folder, "child", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        // What the program sets itself is not to come from the tests.
        builder.environment().remove("ORT_DISABLE_TELEMETRY");
        builder.environment().putAll(environment);
        return new Child(builder.start(), out, err);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end, or for some milliseconds; says whether it ended. */
    boolean endsWithin(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** Waits until something is so while the program runs. */
    void await(BooleanSupplier condition) throws InterruptedException, IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(process.isAlive() && System.nanoTime() < end)
                    .as(Files.readString(err))
                    .isTrue();
            Thread.sleep(5);
        }
    }

    /** The end, in its own time. */
    Run end() throws InterruptedException, IOException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as(Files.readString(err))
                .isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** Whether the native library of ONNX Runtime is in use; true where the system does not tell. */
    boolean hasOnnxRuntime() {
        Path maps = Path.of("/proc", Long.toString(process.pid()), "maps");
        try {
            return !Files.exists(maps)
                    || Files.readString(maps, StandardCharsets.ISO_8859_1).contains("onnxruntime4j_jni");
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Whether a signal means nothing to it, as Ctrl-C to all that a shell script starts with {@code &}: it was told so before it began, and
     * every process below whoever told it. False where the system does not tell.
     *
     * @param number by POSIX
     */
    boolean ignores(int number) throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) {
            return false;
        }
        String name = "SigIgn:";
        String mask = Files.readAllLines(status).stream()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .orElseThrow();
        return (Long.parseUnsignedLong(mask.substring(name.length()).strip(), 16) & 1L << (number - 1)) != 0;
    }

    /** Ends it as {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Asks it to end, by SIGTERM where there are signals; says whether it hears that before it ends. */
    boolean stop() {
        process.destroy();
        return process.supportsNormalTermination();
    }

    /** Sends a signal by its name. */
    void signal(String name) throws IOException, InterruptedException {
        // The shell's own: not every system has a program of that name.
        new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .start()
                .waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
