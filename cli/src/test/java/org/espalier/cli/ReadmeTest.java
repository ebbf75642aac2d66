package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.espalier.onnx.OnnxReader;
import org.espalier.onnx.OnnxWriter;
import org.espalier.shapes.Cost;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java: as it stands there, compiled and run. */
class ReadmeTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```java\\R(.*?)^```");

    /** What the fragment about the noise layer stands in: a small network with one hidden layer of 64 units. */
    private static final String NETWORK = """
            import org.bytedeco.pytorch.*;
            import org.bytedeco.pytorch.global.torch;

            public class Example {
                public static void main(String[] args) {
                    org.espalier.torch.Engine.start(1);
                    long seed = 1;
                    boolean training = true;
                    int examples = 100;
                    Tensor x = torch.ones(4, 8);
                    Tensor w = torch.ones(8, 64);
                    Tensor crossEntropy = torch.ones(1);
            %s
                    if (hidden.size(0) != 4 || hidden.size(1) != 64 || loss.numel() != 1 || kept.length != 64) {
                        throw new AssertionError("shapes");
                    }
                    System.out.println("units kept " + kept.length);
                }
            }
            """;

    @TempDir
    private Path folder;

    private static List<String> blocks() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("README.md"))) {
            Path up = here.getParent();
            if (up == null) {
                throw new AssertionError("README.md must be in the working folder or above it");
            }
            here = up;
        }
        Matcher m = BLOCK.matcher(Files.readString(here.resolve("README.md")));
        return m.results().map(r -> r.group(1)).toList();
    }

    /** Compiles a class Example, runs its main method and gives what it printed. */
    private String run(String source) throws Exception {
        Path file = Files.writeString(folder.resolve("Example.java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(problems, null, null)) {
            List<String> options =
                    List.of("-classpath", System.getProperty("java.class.path"), "-d", folder.toString(), "-proc:none");
            boolean compiled = compiler.getTask(null, files, problems, options, null, files.getJavaFileObjects(file))
                    .call();
            assertThat(compiled).as(problems.getDiagnostics() + "\n" + source).isTrue();
        }
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            Method main = loader.loadClass("Example").getMethod("main", String[].class);
            main.invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    private static String imports(String block) {
        return block.lines().filter(l -> l.startsWith("import ")).collect(Collectors.joining("\n")) + "\n";
    }

    private static String body(String block) {
        return block.lines().filter(l -> !l.startsWith("import ")).collect(Collectors.joining("\n"));
    }

    /** A class Example whose main method is the block, after what it takes for granted. */
    private static String programme(String block, String before) {
        return imports(block) + "public class Example {\n  public static void main(String[] args) throws Exception {\n"
                + before + body(block) + "\n  }\n}\n";
    }

    @Test
    void programme_trainsShrinksAndWrites() throws Exception {
        String block = blocks().stream()
                .filter(b -> b.contains("OnnxWriter.write"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("README.md: there must be a Java example that writes ONNX"));
        Path pruned = folder.resolve("pruned.onnx");
        String here = block.replace("Path.of(\"pruned.onnx\")", "Path.of(\"" + pruned + "\")");
        assertThat(here).as("the file that the example writes").isNotEqualTo(block);
        assertThat(body(here).strip().lines()).as("ten lines").hasSizeLessThanOrEqualTo(12);
        String printed = run(programme(here, ""));
        assertThat(printed).contains("fc1", " % -> ");
        assertThat(Cost.of(OnnxReader.read(pruned)).macs())
                .isLessThan(Cost.of(Zoo.build("lenet-300-100", 1)).macs() * 9 / 10);
    }

    @Test
    void programme_ownFileAndData_prunesIt() throws Exception {
        String block = blocks().stream()
                .filter(b -> b.contains("Prepared.of"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("README.md: there must be a Java example for one's own file"));
        Path model = folder.resolve("model.onnx");
        Path pruned = folder.resolve("own.onnx");
        OnnxWriter.write(Zoo.build("lenet-300-100:0.1", 1), model);
        String here = block.replace("Path.of(\"model.onnx\")", "Path.of(\"" + model + "\")")
                .replace("Path.of(\"pruned.onnx\")", "Path.of(\"" + pruned + "\")");
        String printed = run(programme(here, """
                float[][] rows = new float[200][784];
                int[] labels = new int[200];
                for (int i = 0; i < 200; i++) {
                    labels[i] = i % 10;
                    java.util.Arrays.fill(rows[i], 78 * labels[i], 78 * labels[i] + 78, 1);
                }
                java.util.List<String> classes = java.util.stream.IntStream.range(0, 10).mapToObj(Integer::toString).toList();
                """));
        assertThat(printed).contains(" % -> ");
        assertThat(OnnxReader.read(pruned).inputs())
                .isEqualTo(OnnxReader.read(model).inputs());
    }

    @Test
    void fragment_noiseLayer_compilesAndRuns() throws Exception {
        String block = blocks().stream()
                .filter(b -> b.contains("new NoiseLayer("))
                .findFirst()
                .orElseThrow(() -> new AssertionError("README.md: there must be an example of the noise layer"));
        assertThat(run(imports(block) + NETWORK.formatted(body(block)))).contains("units kept 64");
    }
}
