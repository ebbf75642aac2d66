package org.espalier.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.onnx.OnnxReader;
import org.espalier.prepare.GraphNormalizer;
import org.espalier.shapes.Cost;
import org.espalier.testing.Equivalence;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole networks written by other exporters; skipped where they are not there. */
class ForeignModelsTest {
    static Path folder() {
        String data = System.getenv("ESPALIER_DATA");
        Path onnx = data == null
                ? Path.of("..", "..", "shared", "onnx")
                : Path.of(data).resolveSibling("onnx");
        return onnx.resolve("models");
    }

    @ParameterizedTest
    @ValueSource(strings = {"light_bvlc_alexnet", "light_resnet50", "light_squeezenet"})
    void shrink_foreignModel_equalsMasked(String name) {
        Path file = folder().resolve(name + ".onnx");
        assumeTrue(Files.exists(file), () -> file + " is missing");
        Graph graph = GraphNormalizer.normalize(OnnxReader.read(file));
        ChannelGroups groups = ChannelGroups.of(graph);
        Graph random = randomWeights(graph);
        SplittableRandom seeds = new SplittableRandom(1);
        shrinkAndCompare(groups, random, seeds, 1);
        assertThat(groups.units()).isPositive();
    }

    /** All networks of the folder that {@code -Dtests.models} names; what they gave is printed. */
    @Test
    @EnabledIfSystemProperty(named = "tests.models", matches = ".+")
    void shrink_networksOfAFolder_equalMasked() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("tests.models")))) {
            files = all.filter(f -> f.toString().endsWith(".onnx")).sorted().toList();
        }
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            Graph graph = GraphNormalizer.normalize(OnnxReader.read(file));
            ChannelGroups groups = ChannelGroups.of(graph);
            String name = file.getFileName().toString();
            String ratios = shrinkAndCompare(groups, graph, new SplittableRandom(1), 2);
            System.out.printf(
                    Locale.ROOT,
                    "%s: %d groups, %d units%s%n",
                    name,
                    groups.groups().size(),
                    groups.units(),
                    ratios);
        }
    }

    /** Keeps units by chance, few and many; returns by how much the multiply-accumulates fell. */
    private static String shrinkAndCompare(ChannelGroups groups, Graph graph, SplittableRandom seeds, int batch) {
        StringBuilder ratios = new StringBuilder();
        for (double rate : new double[] {0.3, 0.7}) {
            boolean[] kept = Equivalence.randomKept(groups, rate, seeds);
            Graph small = Equivalence.shrinkAndCompare(groups, graph, kept, seeds, batch);
            double ratio = (double) Cost.of(graph).macs() / Cost.of(small).macs();
            ratios.append(String.format(Locale.ROOT, ", %.0f %% kept: %.2fx", 100 * rate, ratio));
        }
        return ratios.toString();
    }

    /** The files' weights are all the same number: random ones show more. */
    private static Graph randomWeights(Graph graph) {
        SplittableRandom random = new SplittableRandom(5);
        Map<String, TensorData> changed = new LinkedHashMap<>();
        graph.initializers().forEach((name, t) -> {
            if (t.type().isFloating() && t.rank() >= 1 && t.elements() > 1) {
                float[] v = new float[(int) t.elements()];
                double bound = t.rank() == 1 ? 0.5 : Math.sqrt(6.0 * t.size(0) / t.elements());
                for (int i = 0; i < v.length; i++) {
                    v[i] = (float)
                            (t.rank() == 1 ? 1 + random.nextDouble(-bound, bound) : random.nextDouble(-bound, bound));
                }
                changed.put(name, TensorData.ofFloats(v, t.shape()));
            }
        });
        return graph.withInitializers(changed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"light_bvlc_alexnet", "light_resnet50", "light_squeezenet"})
    void normalize_foreignModel_computesTheSame(String name) {
        Path file = folder().resolve(name + ".onnx");
        assumeTrue(Files.exists(file), () -> file + " is missing");
        Graph graph = OnnxReader.read(file);
        Map<String, TensorData> in = Ort.randomInputs(graph, 1, 3);
        Equivalence.assertClose(Ort.run(graph, in), Ort.run(GraphNormalizer.normalize(graph), in), name);
    }
}
