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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java of the README and the guide: as it stands there, compiled and run. */
class DocumentedJavaTest {
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
                    Tensor crossEntropy = torch.zeros(1);
            %s
                    if (kept.length != 64) {
                        throw new AssertionError("shapes");
                    }
                    if (signalToNoise.length != 64 || !(signalToNoise[0] > 1)) {
                        throw new AssertionError("signal-to-noise ratio");
                    }
                    System.out.println("units kept " + kept.length);
                }
            }
            """;

    /** What the example of one's own data takes for granted. */
    private static final String ROWS = """
            float[][] rows = new float[200][784];
            int[] labels = new int[200];
            for (int i = 0; i < 200; i++) {
                labels[i] = i % 10;
                java.util.Arrays.fill(rows[i], 78 * labels[i], 78 * labels[i] + 78, 1);
            }
            java.util.List<String> classes = java.util.stream.IntStream.range(0, 10).mapToObj(Integer::toString).toList();
            """;

    @TempDir
    private Path folder;

    private static List<String> blocks(String document) {
        return Documents.blocks(Documents.read(document)).stream()
                .filter(b -> b.language().equals("java"))
                .map(Documents.Block::text)
                .toList();
    }

    /** The block that holds a word; there must be exactly one. */
    private static String block(String document, String word) {
        List<String> found =
                blocks(document).stream().filter(b -> b.contains(word)).toList();
        assertThat(found).as(document + ": Java examples with " + word).hasSize(1);
        return found.get(0);
    }

    /** The example with its files in the test's folder. */
    private String placed(String block, String... files) {
        String here = block;
        for (String file : files) {
            assertThat(here).contains("Path.of(\"" + file + "\")");
            here = here.replace("Path.of(\"" + file + "\")", "Path.of(\"" + folder.resolve(file) + "\")");
        }
        return here;
    }

    private void compile(Path source) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(problems, null, null)) {
            List<String> options =
                    List.of("-classpath", System.getProperty("java.class.path"), "-d", folder.toString(), "-proc:none");
            boolean compiled = compiler.getTask(null, files, problems, options, null, files.getJavaFileObjects(source))
                    .call();
            assertThat(compiled)
                    .as(problems.getDiagnostics() + "\n" + Files.readString(source))
                    .isTrue();
        }
    }

    /** Compiles a class Example, runs its main method and gives what it printed. */
    private String run(String source) throws Exception {
        compile(Files.writeString(folder.resolve("Example.java"), source));
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
    void programme_oneCall_doesTheWholeJob() throws Exception {
        String block = block("README.md", "Espalier.train(");
        assertThat(body(block).strip().lines()).as("ten lines").hasSizeLessThanOrEqualTo(10);
        String printed = run(programme(placed(block, "run"), ""));
        assertThat(printed).contains("pruned.onnx", " times fewer FLOPs");
        assertThat(macs("run/pruned.onnx"))
                .isLessThan(Cost.of(Zoo.build("lenet-300-100", 1)).macs() * 9 / 10);
    }

    @Test
    void programme_builtInNetwork_trainsShrinksAndWrites() throws Exception {
        String block = block("docs/guide/java.md", "Zoo.build(");
        assertThat(body(block).strip().lines()).as("ten lines").hasSizeLessThanOrEqualTo(10);
        String printed = run(programme(placed(block, "pruned.onnx"), ""));
        assertThat(printed).contains("fc1", " % -> ");
        assertThat(macs("pruned.onnx"))
                .isLessThan(Cost.of(Zoo.build("lenet-300-100", 1)).macs() * 9 / 10);
    }

    @Test
    void programme_ownFileAndData_prunesIt() throws Exception {
        writeModel();
        String here = placed(block("docs/guide/java.md", "DataSet.builder("), "model.onnx", "pruned.onnx");
        assertThat(run(programme(here, ROWS))).contains(" % -> ");
        assertThat(OnnxReader.read(folder.resolve("pruned.onnx")).inputs())
                .isEqualTo(OnnxReader.read(folder.resolve("model.onnx")).inputs());
    }

    @Test
    void programme_checkAndTime_agrees() throws Exception {
        writeModel();
        Files.copy(folder.resolve("model.onnx"), folder.resolve("original.onnx"));
        Files.copy(folder.resolve("model.onnx"), folder.resolve("pruned.onnx"));
        String here = placed(block("docs/guide/java.md", "Agreement.check("), "original.onnx", "pruned.onnx");
        String before = "var masked = org.espalier.onnx.OnnxReader.read(Path.of(\"" + folder.resolve("model.onnx")
                + "\"));\nvar inputs = Map.of(\"input\", TensorData.ofFloats(new float[784], 1, 1, 28, 28));\n";
        assertThat(run(programme(here, before))).contains("largest difference 0.0", "faster by ");
    }

    @Test
    void programme_shrinkWithoutTraining_writesASmallerNetwork() throws Exception {
        writeModel();
        String here = placed(block("docs/guide/java.md", "Shrinker.shrink("), "model.onnx", "smaller.onnx");
        assertThat(run(programme(here, ""))).contains("fc1");
        assertThat(macs("smaller.onnx")).isLessThan(macs("model.onnx"));
    }

    @Test
    void fragment_noiseLayer_compilesAndRuns() throws Exception {
        String block = block("docs/guide/noise-layer.md", "new NoiseLayer(");
        assertThat(run(imports(block) + NETWORK.replace("%s", body(block)))).contains("units kept 64");
    }

    /** Classes to begin with, of packages that are not this one's: they are compiled, not run. */
    @ParameterizedTest
    @ValueSource(strings = {"class DetOp", "class XorSource"})
    void classes_ofContributing_compile(String word) throws IOException {
        String block = block("CONTRIBUTING.md", word);
        compile(Files.writeString(folder.resolve(word.substring("class ".length()) + ".java"), block));
    }

    /** An example that no test above runs must not come in unseen. */
    @Test
    void examples_ofAllDocuments_areTheOnesAbove() {
        long count = Documents.all().stream()
                .flatMap(p -> Documents.blocks(Documents.read(p)).stream())
                .filter(b -> b.language().equals("java"))
                .count();
        assertThat(count).isEqualTo(8);
    }

    private void writeModel() {
        OnnxWriter.write(Zoo.build("lenet-300-100:0.1", 1), folder.resolve("model.onnx"));
    }

    private long macs(String file) {
        return Cost.of(OnnxReader.read(folder.resolve(file))).macs();
    }
}
