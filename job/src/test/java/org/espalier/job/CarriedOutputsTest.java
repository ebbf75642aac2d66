package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.DataSet;
import org.espalier.data.Normalization;
import org.espalier.data.Splits;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.objective.ExecutablePart;
import org.espalier.onnx.OnnxReader;
import org.espalier.shapes.Cost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels, selections and texts behind the trained numbers stay in the file, and are not executed in training. */
class CarriedOutputsTest {
    /** The encoded type of a sequence of maps from int64 to float. */
    private static final byte[] SEQUENCE_OF_MAPS = HexFormat.of().parseHex("220c0a0a2a08080712040a020801");

    @TempDir
    private Path folder;

    private static Splits numbers(int count, int features) {
        Random random = new Random(1);
        float[][] rows = new float[count][features];
        for (float[] row : rows) {
            for (int i = 0; i < features; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        DataSet all = DataSet.builder("numbers")
                .floats("x", rows, Normalization.identity(), features)
                .build();
        return new Splits(all, all);
    }

    private PruningResult prune(Graph graph, List<String> keep) {
        return Espalier.prune(graph)
                .keepOutputs(keep)
                .data("numbers", numbers(40, 6))
                .epochs(0, 2, 1)
                .threads(1)
                .timing(Duration.ofMillis(5))
                .into(folder.resolve("run"));
    }

    private static Graph dense(GraphBuilder b) {
        String h = b.relu("relu", b.gemm("fc1", b.input("x", 6), 6, 9));
        b.output("scores", b.gemm("fc2", h, 9, 3), 3);
        return b.build();
    }

    private static Graph with(Graph g, List<Node> more, List<Value> outputs, Map<String, TensorData> constants) {
        List<Node> nodes = new ArrayList<>(g.nodes());
        nodes.addAll(more);
        Map<String, TensorData> all = new LinkedHashMap<>(g.initializers());
        all.putAll(constants);
        Map<String, Long> opsets = Map.of("", 17L, "ai.onnx.ml", 1L);
        return new Graph(g.name(), opsets, g.inputs(), outputs, nodes, all);
    }

    private static Node node(String op, String domain, List<String> in, String out, Map<String, Attribute> attributes) {
        return new Node(out + ".node", op, domain, in, List.of(out), attributes);
    }

    /** As scikit-learn's classifiers are exported: the only outputs are labels, and maps from classes to probabilities. */
    private static Graph classifier() {
        Graph g = dense(new GraphBuilder("classifier", 1));
        String scores = g.outputs().get(0).name();
        List<Node> more = List.of(
                node("Softmax", "", List.of(scores), "p", Map.of("axis", Attribute.of(1L))),
                node("ArgMax", "", List.of("p"), "best", Map.of("axis", Attribute.of(1L))),
                node("ArrayFeatureExtractor", "ai.onnx.ml", List.of("classes", "best"), "label", Map.of()),
                node(
                        "ZipMap",
                        "ai.onnx.ml",
                        List.of("p"),
                        "maps",
                        Map.of("classlabels_int64s", Attribute.of(new long[] {4, 5, 6}))));
        List<Value> outputs = List.of(
                new Value("label", ElementType.INT64, List.of(Dimension.of(1), Dimension.symbol("N"))),
                Value.ofOther("maps", ByteBuffer.wrap(SEQUENCE_OF_MAPS).asReadOnlyBuffer()));
        return with(g, more, outputs, Map.of("classes", TensorData.vector(4, 5, 6)));
    }

    @Test
    void prune_labelsAndMapsOnly_trainsTheProbabilities_andKeepsBothOutputs() {
        Graph given = classifier();
        SourceModel model = SourceModel.of("classifier", given);
        assertThat(ExecutablePart.of(model.prepared()).outputs())
                .extracting(Value::name)
                .containsExactly("p");
        assertThat(model.carried()).containsExactly("label", "maps");
        PruningResult result = prune(given, List.of());
        Graph pruned = OnnxReader.read(result.pruned());
        assertThat(pruned.outputs()).extracting(Value::name).containsExactly("label", "maps");
        assertThat(pruned.outputs().get(1).other())
                .isEqualTo(given.outputs().get(1).other());
        assertThat(pruned.nodes()).extracting(Node::opType).contains("ArrayFeatureExtractor", "ZipMap");
        assertThat(result.report().original().unitsPerLayer()).isNotEmpty();
    }

    @Test
    void prune_operatorBesideTheTrainedOutput_isCarriedAlong() {
        Graph g = dense(new GraphBuilder("nonzero", 1));
        List<Value> outputs = new ArrayList<>(g.outputs());
        outputs.add(new Value("places", ElementType.INT64, null));
        Node nonZero = node("NonZero", "", List.of(g.outputs().get(0).name()), "places", Map.of());
        Graph given = with(g, List.of(nonZero), outputs, Map.of());
        PruningResult result = prune(given, List.of());
        assertThat(OnnxReader.read(result.pruned()).outputs())
                .extracting(Value::name)
                .containsExactly("scores", "places");
    }

    /** Nothing would train what lies behind an operator without gradients. */
    @Test
    void prune_layerBehindAnOperatorWithoutGradients_isRefused() {
        GraphBuilder b = new GraphBuilder("behind", 1);
        String h = b.gemm("fc1", b.input("x", 6), 6, 9);
        String det = b.node("odd", "NoSuchOperator", List.of(h), List.of("odd"), Map.of());
        b.output("y", b.gemm("fc2", det, 9, 3), 3);
        Graph given = b.build();
        assertThatThrownBy(() -> SourceModel.of("behind", given).requireTrainable())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("operator NoSuchOperator (node 'odd') has no gradients here");
    }

    private static Graph twoHeads() {
        GraphBuilder b = new GraphBuilder("heads", 1);
        String h = b.relu("relu1", b.gemm("fc1", b.input("x", 6), 6, 9));
        b.declareOutput(h, 9);
        b.output("y", b.gemm("fc2", h, 9, 3), 3);
        return b.build();
    }

    @Test
    void keepOutputs_one_dropsTheOthersForGood() {
        Graph given = twoHeads();
        Graph kept = SourceModel.keeping("heads", given, List.of("y"));
        int before = ChannelGroups.of(SourceModel.of("heads", given).prepared()).units();
        int after = ChannelGroups.of(SourceModel.of("heads", kept).prepared()).units();
        assertThat(after - before).isEqualTo(9);
        PruningResult result = prune(given, List.of("y"));
        assertThat(OnnxReader.read(result.pruned()).outputs())
                .extracting(Value::name)
                .containsExactly("y");
        try (RunFolder run = RunFolder.open(folder.resolve("run"))) {
            assertThat(run.readConfiguration(RunConfiguration.class).task().keepOutputs())
                    .containsExactly("y");
        }
    }

    @Test
    void keepOutputs_unknownName_isRefused() {
        assertThatThrownBy(() -> SourceModel.keeping("heads", twoHeads(), List.of("z")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("output 'z' to keep must be one of the network's");
    }

    /** One weight read as it is and transposed: it stays one, in training and in the file. */
    @Test
    void prune_tiedWeights_stayOneWeight() {
        GraphBuilder b = new GraphBuilder("tied", 1);
        float[] v = new float[6 * 40];
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) Math.sin(i);
        }
        String weight = b.constant("w", TensorData.ofFloats(v, 6, 40));
        String h = b.relu("relu", b.node("up", "MatMul", List.of(b.input("x", 6), weight), List.of("up"), Map.of()));
        String turned = b.node("turn", "Transpose", List.of(weight), List.of("turn"), Map.of());
        String y = b.node("down", "MatMul", List.of(h, turned), List.of("down"), Map.of());
        b.output("y", b.gemm("fc", b.relu("relu2", b.gemm("fc0", y, 6, 8)), 8, 2), 2);
        Graph given = b.build();
        Graph prepared = SourceModel.of("tied", given).prepared();
        assertThat(prepared.nodes()).extracting(Node::opType).contains("Transpose");
        assertThat(Cost.parameters(prepared)).isEqualTo(Cost.parameters(given));
        PruningResult result = prune(given, List.of());
        Map<String, Object> report = result.report().data();
        assertThat((long) Objects.requireNonNull(report.get("file_bytes")))
                .isLessThanOrEqualTo((long) Objects.requireNonNull(report.get("original_file_bytes")) + 400);
        assertThat(result.report().original().parameters()).isEqualTo(Cost.parameters(given));
    }

    /** A filled mask is made when it is needed: the file does not hold it. */
    @Test
    void prepare_largeTensorsMadeOfNothing_stayComputed() {
        GraphBuilder b = new GraphBuilder("mask", 1);
        String shape = b.constant("shape", TensorData.vector(128, 128));
        String mask = b.node("mask", "ConstantOfShape", List.of(shape), List.of("mask"), Map.of());
        String rows = b.node("sum", "ReduceMax", List.of(mask), List.of("sum"), Map.of());
        String x = b.gemm("fc1", b.input("x", 6), 6, 9);
        String masked = b.node("add", "Add", List.of(x, rows), List.of("added"), Map.of());
        b.output("y", b.gemm("fc2", b.relu("relu", masked), 9, 2), 2);
        Graph prepared = SourceModel.of("mask", b.build()).prepared();
        assertThat(prepared.initializers().values()).allMatch(t -> t.elements() < 1_024);
    }
}
