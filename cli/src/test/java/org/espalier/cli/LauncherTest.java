package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
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

    @BeforeEach
    void install() throws IOException {
        home = Files.createDirectories(folder.resolve("a JDK"));
        java("17.0.2");
        Path project = Files.createDirectories(folder.resolve("My Projects").resolve("espalier"));
        Path target = Files.createDirectories(project.resolve("cli").resolve("target"));
        script = project.resolve("espalier");
        Files.copy(SCRIPT, script);
        Files.writeString(target.resolve("espalier-cli-1.jar"), "");
        Files.writeString(target.resolve("espalier-17.0.2.jsa"), "");
        Files.writeString(target.resolve("espalier.built"), "");
    }

    private void java(String version) throws IOException {
        Path bin = Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        executable(bin.resolve("java"), "echo \"LC_ALL=${LC_ALL:-}\"\nprintf '[%s]\\n' \"$@\"");
    }

    private static void executable(Path file, String commands) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Run run(Path start, Map<String, String> environment, String... args) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        List<String> command = new java.util.ArrayList<>(List.of("/bin/sh", start.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        List.of("LC_ALL", "LC_CTYPE", "LANG", "ESPALIER_JAVA_OPTS", "ESPALIER_PROFILE")
                .forEach(builder.environment()::remove);
        builder.environment().put("JAVA_HOME", home.toString());
        builder.environment().putAll(environment);
        int code = builder.start().waitFor();
        return new Run(
                code, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void folderWithASpace_throughALink_startsTheProgram() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), script);
        Run run = run(link, Map.of(), "eval", "a model.onnx");
        assertThat(run.err()).isEmpty();
        String target =
                script.toRealPath().resolveSibling("cli").resolve("target").toString();
        assertThat(run.out().lines())
                .containsSubsequence(
                        "[-XX:SharedArchiveFile=" + target + "/espalier-17.0.2.jsa]",
                        "[-jar]",
                        "[" + target + "/espalier-cli-1.jar]",
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

    @Test
    void buildingAnew_leavesTheFilesOfAProgramThatRuns() throws Exception {
        Path jar = script.resolveSibling("cli").resolve("target").resolve("espalier-cli-1.jar");
        Files.writeString(jar, "old");
        Path open = Files.createLink(folder.resolve("open"), jar);
        Files.writeString(script.resolveSibling("pom.xml"), "newer than the build");
        Files.delete(jar.resolveSibling("espalier.built"));
        executable(home.resolve("bin").resolve("javac"), "");
        Path bin = Files.createDirectories(folder.resolve("bin"));
        executable(bin.resolve("mvn"), "printf new > '" + jar + "'");

        Run run = run(script, Map.of("PATH", bin + ":" + System.getenv("PATH")), "eval");
        assertThat(run.out()).contains("[eval]");
        assertThat(Files.readString(jar)).isEqualTo("new");
        assertThat(Files.readString(open)).isEqualTo("old");
    }

    @Test
    void profile_isThatOfTheLastBuild_untilAnotherIsAskedFor() throws Exception {
        Path target = script.resolveSibling("cli").resolve("target");
        executable(home.resolve("bin").resolve("javac"), "");
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path calls = folder.resolve("calls");
        executable(
                bin.resolve("mvn"),
                "echo \"$@\" >> '" + calls + "'; : > '" + target.resolve("espalier-cli-1.jar") + "'");
        String path = bin + ":" + System.getenv("PATH");

        assertThat(run(script, Map.of("PATH", path, "ESPALIER_PROFILE", "cuda")).code())
                .isZero();
        assertThat(run(script, Map.of("PATH", path)).code()).isZero();
        assertThat(Files.readAllLines(calls)).singleElement().asString().contains(" -Pcuda ");
        Files.setLastModifiedTime(target.resolve("espalier.built"), java.nio.file.attribute.FileTime.fromMillis(0));
        Files.writeString(script.resolveSibling("pom.xml"), "newer than the build");
        assertThat(run(script, Map.of("PATH", path)).code()).isZero();
        assertThat(run(script, Map.of("PATH", path, "ESPALIER_PROFILE", "")).code())
                .isZero();
        assertThat(Files.readAllLines(calls)).hasSize(3);
        assertThat(Files.readAllLines(calls).get(1)).contains(" -Pcuda ");
        assertThat(Files.readAllLines(calls).get(2)).doesNotContain("-P");
    }

    @Test
    void javaThatIsTooOldOrMissing_isOneLine() throws Exception {
        java("11.0.2");
        RunAssert.assertError(run(script, Map.of()), 2, "is version 11.0.2", "JDK 17");
        RunAssert.assertError(
                run(script, Map.of("JAVA_HOME", "/nowhere")), 2, "JAVA_HOME is '/nowhere'", "JDK 17", "unset it");
    }
}
