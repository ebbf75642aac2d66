package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.espalier.data.DataSet;
import org.espalier.data.sources.DataSets;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.onnx.OnnxWriter;
import org.espalier.runtime.InferenceException;
import org.espalier.runtime.OutputAgreement;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCheckTest {
    private static final Graph NETWORK = Zoo.build("lenet-300-100", 1);
    private static final DataSet DATA = DataSets.digits(10, 300, 1).test();

    @TempDir
    private Path folder;

    private ExportCheck prove(Graph written) {
        Path file = folder.resolve("pruned.onnx");
        OnnxWriter.write(written, file);
        return ExportCheck.of(SourceModel.of("network", NETWORK), NETWORK, written, file, DATA);
    }

    @Test
    void sameNetwork_agrees() {
        assertThat(prove(NETWORK).maxAbsDifference()).isZero();
    }

    @Test
    void networkThatComputesSomethingElse_fails() {
        String bias = NETWORK.initializers().keySet().stream()
                .filter(name -> name.endsWith("bias"))
                .reduce("", (a, b) -> b);
        float[] values = Objects.requireNonNull(NETWORK.initializer(bias)).toFloats();
        values[3] += 0.5f;
        Graph wrong = NETWORK.withInitializers(Map.of(bias, TensorData.ofFloats(values, values.length)));
        assertThatThrownBy(() -> prove(wrong))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("differ");
    }

    /** Scores of two classes that hardly differ, their label, and the first score rounded to a whole number. */
    private static Graph deciding(float first, float second) {
        GraphBuilder b = new GraphBuilder("deciding", 1);
        String x = b.flatten("flat", b.input("x", 1, 28, 28));
        String zero = b.node("zero", "Mul", List.of(x, b.constant("none", TensorData.full(0, 1))), Map.of());
        b.constant("w", TensorData.full(0, 784, 2));
        b.constant("bias", TensorData.ofFloats(new float[] {first, second}, 2));
        String scores = b.node("fc", "Gemm", List.of(zero, "w", "bias"), Map.of());
        b.node("labels", "ArgMax", List.of(scores), Map.of("axis", Attribute.of(1L)));
        b.output("rounded", b.node("round", "Round", List.of(scores), Map.of()), 2);
        Graph g = b.build();
        List<Value> outputs = List.of(
                new Value(scores, ElementType.FLOAT, null),
                g.outputs().get(0),
                new Value("labels", ElementType.INT64, null));
        return new Graph(g.name(), g.opsets(), g.inputs(), outputs, g.nodes(), g.initializers());
    }

    private ExportCheck check(Graph masked, Graph written) {
        Path file = folder.resolve("pruned.onnx");
        OnnxWriter.write(written, file);
        return ExportCheck.of(SourceModel.of("network", masked), masked, written, file, DATA);
    }

    @Test
    void outputsThatNearlyEqualScoresDecide_areJudgedByTheScores() {
        ExportCheck check = check(deciding(2.5f, 2.4999995f), deciding(2.5f, 2.5000005f));
        assertThat(check.decided()).extracting(OutputAgreement::output).containsExactly("rounded", "labels");
        assertThat(check.maxAbsDifference()).isEqualTo(2.5000005f - 2.4999995f);
        assertThat(check.details())
                .containsEntry("decided_outputs_differing_share", Map.of("rounded", 0.5, "labels", 1.0));
        assertThat(check.notes())
                .extracting(JobMessage::text)
                .contains(
                        "output 'rounded': 256 of 512 elements differ from the masked network's, where the numbers that"
                                + " decide them are nearly equal; these numbers agree");
    }

    @Test
    void outputsThatOtherScoresDecide_fail() {
        assertThatThrownBy(() -> check(deciding(1, 2), deciding(2, 1)))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("differ");
    }
}
