package org.espalier.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;

class AgreementTest {
    private static final Map<String, TensorData> INPUT = Map.of("x", TensorData.ofFloats(new float[] {1, -2}, 1, 2));

    private static Graph addition(float a, float b) {
        GraphBuilder builder = new GraphBuilder("addition", 1);
        String x = builder.input("x", 2);
        builder.constant("c", TensorData.ofFloats(new float[] {a, b}, 2));
        builder.output("y", builder.node("add", "Add", List.of(x, "c"), Map.of()), 2);
        return builder.build();
    }

    @Test
    void check_differenceInOneElement_isMeasuredAndPlaced() {
        Agreement a = Agreement.check(addition(0, 0), addition(0, 0.5f), INPUT);
        assertThat(a.maxAbsDifference()).isCloseTo(0.5, within(1e-12));
        assertThat(a.worst().largest()).isCloseTo(2, within(1e-12));
        assertThat(a.relative()).isCloseTo(0.25, within(1e-12));
        assertThat(a.worst().where()).isEqualTo("y[1]");
        assertThat(a.worst().differing()).isEqualTo(1);
        assertThat(a.holds()).isFalse();
        assertThatThrownBy(a::require).isInstanceOf(InferenceException.class).hasMessageContaining("found 5.000e-01");
    }

    private static Graph boxesAndScores(float score) {
        GraphBuilder b = new GraphBuilder("detector", 1);
        String x = b.input("x", 2);
        b.constant("size", TensorData.ofFloats(new float[] {2_000}, 1));
        b.constant("score", TensorData.ofFloats(new float[] {score}, 1));
        b.output("boxes", b.node("boxes", "Mul", List.of(x, "size"), Map.of()), 2);
        b.output("scores", b.node("scores", "Mul", List.of(x, "score"), Map.of()), 2);
        return b.build();
    }

    @Test
    void check_smallOutputBesideALargeOne_isMeasuredByItsOwnSize() {
        Agreement a = Agreement.check(boxesAndScores(0.5f), boxesAndScores(0.51f), INPUT);
        assertThat(a.holds()).isFalse();
        assertThat(a.failing()).extracting(OutputAgreement::output).containsExactly("scores");
        assertThat(a.relative()).isCloseTo(0.02, within(1e-6));
        assertThat(a.outputs().get(0).relative()).isZero();
    }

    @Test
    void check_sameGraph_agrees() {
        Agreement a = Agreement.check(addition(1, 2), addition(1, 2), INPUT);
        assertThat(a.maxAbsDifference()).isZero();
        assertThat(a.require()).isSameAs(a);
    }

    @Test
    void check_nanOnOneSide_fails() {
        assertThat(Agreement.check(addition(0, 0), addition(Float.NaN, 0), INPUT)
                        .holds())
                .isFalse();
        assertThat(Agreement.check(addition(Float.NaN, 0), addition(0, 0), INPUT)
                        .holds())
                .isFalse();
    }

    /** One infinite output must not make every difference of the others look small. */
    @Test
    void check_besideAnInfinity_differencesCount() {
        float infinity = Float.POSITIVE_INFINITY;
        assertThat(Agreement.check(addition(infinity, 0), addition(infinity, 0), INPUT)
                        .holds())
                .isTrue();
        assertThat(Agreement.check(addition(infinity, 0), addition(infinity, 1), INPUT)
                        .holds())
                .isFalse();
    }

    @Test
    void check_nanInAnEarlierBatch_failsStill() {
        Agreement a;
        try (OnnxSession first = OnnxSession.open(addition(Float.POSITIVE_INFINITY, 0), 1);
                OnnxSession second = OnnxSession.open(addition(Float.NaN, 0), 1)) {
            a = Agreement.check(first, second, List.of(INPUT, INPUT, INPUT));
        }
        assertThat(a.maxAbsDifference()).isNaN();
        assertThat(a.holds()).isFalse();
    }

    @Test
    void check_otherOutputs_isAnError() {
        Graph lenet = Zoo.build("lenet-300-100", 1);
        GraphBuilder b = new GraphBuilder("other", 1);
        String x = b.input("input", 1, 28, 28);
        b.output("scores", b.gemm("fc", b.flatten("flat", x), 784, 10), 10);
        Graph other = b.build();
        Map<String, TensorData> inputs = Inputs.random(lenet.inputs(), 1, Map.of(), 1);
        assertThatThrownBy(() -> Agreement.check(lenet, other, inputs))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("expected [logits], found [scores]");
    }
}
