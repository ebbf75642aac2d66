package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code espalier} beside a program that was built already, with a Java that prints what it is given. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "is a shell script")
class LauncherTest {
    private static final Path SCRIPT = Path.of("..", "espalier");

    @TempDir
    private Path folder;

    private Path home;
    private Path script;
    private Path target;
    private Path build;

    @BeforeEach
    void install() throws IOException {
        home = Files.createDirectories(folder.resolve("a JDK"));
        java("17.0.2");
        Path project = Files.createDirectories(folder.resolve("My Projects").resolve("espalier"));
        target = Files.createDirectories(project.resolve("cli").resolve("target"));
        build = Files.createDirectories(target.resolve("build-1"));
        script = project.resolve("espalier");
        Files.copy(SCRIPT, script);
        Files.writeString(build.resolve("espalier-cli-1.jar"), "");
        Files.writeString(build.resolve("espalier-17.0.2.jsa"), "");
        Files.writeString(target.resolve("espalier.built"), "build-1\n\n");
    }

    private void java(String version) throws IOException {
        Path bin = Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        executable(
                bin.resolve("java"),
                "echo \"LC_ALL=${LC_ALL:-}\"\necho \"telemetry off: ${ORT_DISABLE_TELEMETRY:-}\"\nprintf '[%s]\\n' \"$@\"");
    }

    private static void executable(Path file, String commands) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Run run(Path start, Map<String, String> environment, String... args) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        int code = process(start, environment, out, err, args).waitFor();
        return new Run(
                code, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    private Process process(Path start, Map<String, String> environment, Path out, Path err, String... args)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", start.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        List.of("LC_ALL", "LC_CTYPE", "LANG", "ESPALIER_JAVA_OPTS", "ESPALIER_PROFILE", "ORT_DISABLE_TELEMETRY")
                .forEach(builder.environment()::remove);
        builder.environment().put("JAVA_HOME", home.toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    @Test
    void folderWithASpace_throughALink_startsTheProgram() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), script);
        Run run = run(link, Map.of(), "eval", "a model.onnx");
        assertThat(run.err()).isEmpty();
        Path from = build.toRealPath();
        assertThat(run.out().lines())
                .containsSubsequence(
                        "telemetry off: 1",
                        "[-XX:SharedArchiveFile=" + from + "/espalier-17.0.2.jsa]",
                        "[-jar]",
                        "[" + from + "/espalier-cli-1.jar]",
                        "[eval]",
                        "[a model.onnx]");
        assertThat(run.code()).isZero();
    }

    @Test
    void withoutALocale_namesOfFilesAreUtf8_andAUsersLocaleStays() throws Exception {
        assertThat(run(script, Map.of()).out()).startsWith("LC_ALL=C.UTF-8\n");
        assertThat(run(script, Map.of("LANG", "de_DE.UTF-8")).out()).startsWith("LC_ALL=\n");
    }

    @Test
    void optionsForJava_areWords() throws Exception {
        assertThat(run(script, Map.of("ESPALIER_JAVA_OPTS", "-Xmx8g -Dx=y"))
                        .out()
                        .lines())
                .containsSubsequence("[-Xmx8g]", "[-Dx=y]", "[-jar]");
    }

    /** A Maven that takes some time, says what it was called with, and makes a jar that says which call it is from. */
    private Map<String, String> maven(String seconds) throws IOException {
        executable(home.resolve("bin").resolve("javac"), "");
        Path bin = Files.createDirectories(folder.resolve("bin"));
        executable(
                bin.resolve("mvn"),
                "echo \"$@\" >> '" + calls() + "'; sleep " + seconds + "; mkdir -p '" + target + "/lib'; wc -l < '"
                        + calls() + "' > '" + target + "/espalier-cli-1.jar'; : > '" + target + "/lib/other.jar'");
        return Map.of("PATH", bin + ":" + System.getenv("PATH"));
    }

    private Path calls() {
        return folder.resolve("calls");
    }

    private void change() throws IOException {
        Files.setLastModifiedTime(target.resolve("espalier.built"), FileTime.fromMillis(0));
        Files.writeString(script.resolveSibling("pom.xml"), "newer than the build");
    }

    /** What the program was started from. */
    private Path startedFrom(Run run) throws IOException {
        RunAssert.assertFinished(run);
        Path jar = Path.of(run.out()
                .lines()
                .filter(line -> line.endsWith("espalier-cli-1.jar]"))
                .findFirst()
                .orElseThrow()
                .replaceAll("[\\[\\]]", ""));
        assertThat(jar).exists();
        return jar;
    }

    @Test
    void buildingAnew_leavesTheFilesOfAProgramThatRuns() throws Exception {
        Map<String, String> environment = maven("0");
        change();
        Path first = startedFrom(run(script, environment, "eval"));
        change();
        Path second = startedFrom(run(script, environment, "eval"));
        assertThat(second).isNotEqualTo(first);
        assertThat(Files.readString(first).strip()).isEqualTo("1");
        assertThat(Files.readString(second).strip()).isEqualTo("2");
        assertThat(second.resolveSibling("lib").resolve("other.jar")).exists();
        assertThat(build)
                .as("no program can run from the one before the one before")
                .doesNotExist();
    }

    @Test
    void startsAtOnceInAFreshCheckout_buildOnce_andAllRun() throws Exception {
        Files.delete(target.resolve("espalier.built"));
        Map<String, String> environment = maven("1");
        List<Process> starts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            starts.add(process(script, environment, folder.resolve("out" + i), folder.resolve("err" + i), "eval"));
        }
        for (int i = 0; i < 4; i++) {
            assertThat(starts.get(i).waitFor())
                    .as(Files.readString(folder.resolve("err" + i)))
                    .isZero();
            assertThat(Files.readString(folder.resolve("out" + i))).contains("[eval]");
        }
        assertThat(Files.readAllLines(calls())).hasSize(1);
    }

    @Test
    void buildThatIsKilled_leavesWhatWasThere_andTheNextStartBuilds() throws Exception {
        Map<String, String> environment = maven("60");
        change();
        Process killed = process(script, environment, folder.resolve("out"), folder.resolve("err"), "eval");
        while (!Files.exists(calls())) {
            assertThat(killed.isAlive()).isTrue();
            Thread.sleep(5);
        }
        List<ProcessHandle> all = killed.descendants().toList();
        killed.destroyForcibly().waitFor();
        all.forEach(ProcessHandle::destroyForcibly);
        assertThat(build.resolve("espalier-cli-1.jar")).exists();
        assertThat(Files.readString(target.resolve("espalier.built"))).startsWith("build-1\n");
        Files.delete(calls());
        startedFrom(run(script, maven("0"), "eval"));
        assertThat(Files.readAllLines(calls())).hasSize(1);
    }

    @Test
    void buildThatFails_isTold_andWhatWasThereStays() throws Exception {
        Map<String, String> environment = maven("0");
        executable(folder.resolve("bin").resolve("mvn"), "exit 1");
        change();
        Run run = run(script, environment, "eval");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).endsWith("espalier: the build failed, see above\n");
        assertThat(build.resolve("espalier-cli-1.jar")).exists();
    }

    @Test
    void classArchive_ofAnotherJava_isWrittenAndMoved() throws Exception {
        java("21.0.1");
        executable(
                home.resolve("bin").resolve("java"),
                "for a in \"$@\"; do case $a in -XX:ArchiveClassesAtExit=*) : > \"${a#*=}\" ;; esac; done; printf '[%s]\\n' \"$@\"");
        Path archive = build.toRealPath().resolve("espalier-21.0.1.jsa");
        assertThat(run(script, Map.of(), "eval").out()).contains("[-XX:SharedArchiveFile=" + archive + "]");
        assertThat(archive).exists();
        try (Stream<Path> files = Files.list(build)) {
            assertThat(files.filter(f -> f.toString().contains("21.0.1"))).hasSize(1);
        }
    }

    @Test
    void profile_isThatOfTheLastBuild_untilAnotherIsAskedFor() throws Exception {
        Map<String, String> plain = maven("0");
        Map<String, String> cuda = new HashMap<>(plain);
        cuda.put("ESPALIER_PROFILE", "cuda");
        Map<String, String> none = new HashMap<>(plain);
        none.put("ESPALIER_PROFILE", "");

        startedFrom(run(script, cuda));
        startedFrom(run(script, plain));
        assertThat(Files.readAllLines(calls())).singleElement().asString().contains(" -Pcuda ");
        change();
        startedFrom(run(script, plain));
        startedFrom(run(script, none));
        assertThat(Files.readAllLines(calls())).hasSize(3);
        assertThat(Files.readAllLines(calls()).get(1)).contains(" -Pcuda ");
        assertThat(Files.readAllLines(calls()).get(2)).doesNotContain("-P");
    }

    @Test
    void javaThatIsTooOldOrMissing_isOneLine() throws Exception {
        java("11.0.2");
        RunAssert.assertError(run(script, Map.of()), 2, "is version 11.0.2", "JDK 17");
        RunAssert.assertError(
                run(script, Map.of("JAVA_HOME", "/nowhere")), 2, "JAVA_HOME is '/nowhere'", "JDK 17", "unset it");
    }
}
