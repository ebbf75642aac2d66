package org.espalier.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.torch.Scope;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;

class TeacherDistanceTest {
    private static final double T = 2;
    private static final float[] OWN = {0.2f, 0.5f, 0.3f, 0.9f, 0.05f, 0.05f};
    private static final float[] TEACHER = {0.6f, 0.1f, 0.3f, 0.98f, 0.01f, 0.01f};

    private static final double[] VARIANCES = {0.5, 2, 0.01};

    private static Graph madeBy(String operator, long axis, long... shape) {
        GraphBuilder b = new GraphBuilder("small", 1);
        Map<String, Attribute> attributes = operator.equals("Softmax") ? Map.of("axis", Attribute.of(axis)) : Map.of();
        String y = b.node("last", operator, List.of(b.input("input", shape)), attributes);
        b.output("output", b.node("same", "Identity", List.of(y), Map.of()), shape);
        return b.build();
    }

    private static double distance(Graph graph, long... shape) {
        try (Scope scope = Scope.open()) {
            return new TeacherDistance(graph, "output", new ClassLoss(0, T), VARIANCES)
                    .of(TensorConversions.floats(OWN, shape), TensorConversions.floats(TEACHER, shape), (int) shape[0])
                    .item_double();
        }
    }

    /** −T² Σ q log p over one distribution, both made flatter by T. */
    private static double crossEntropy(double[] p, double[] q) {
        double sumP = 0;
        double sumQ = 0;
        for (int i = 0; i < p.length; i++) {
            sumP += Math.pow(p[i], 1 / T);
            sumQ += Math.pow(q[i], 1 / T);
        }
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum -= Math.pow(q[i], 1 / T) / sumQ * Math.log(Math.pow(p[i], 1 / T) / sumP);
        }
        return T * T * sum;
    }

    @Test
    void softmaxOverAllNumbers_isOneOfThem() {
        double expected = 0;
        for (int row = 0; row < 2; row++) {
            double[] p = {OWN[3 * row], OWN[3 * row + 1], OWN[3 * row + 2]};
            double[] q = {TEACHER[3 * row], TEACHER[3 * row + 1], TEACHER[3 * row + 2]};
            expected += crossEntropy(p, q) / 2;
        }
        assertThat(distance(madeBy("Softmax", -1, 3), 2, 3)).isCloseTo(expected, within(1e-5));
        assertThat(distance(madeBy("Softmax", 1, 3, 1, 1), 2, 3, 1, 1)).isCloseTo(expected, within(1e-5));
    }

    @Test
    void sigmoid_isYesOrNoForEach() {
        double expected = 0;
        for (int i = 0; i < OWN.length; i++) {
            expected += crossEntropy(new double[] {1 - OWN[i], OWN[i]}, new double[] {1 - TEACHER[i], TEACHER[i]}) / 6;
        }
        assertThat(distance(madeBy("Sigmoid", 0, 3), 2, 3)).isCloseTo(expected, within(1e-5));
    }

    @Test
    void anythingElse_isNumbersEachByItsChannelsVariance() {
        double expected = 0;
        for (int i = 0; i < OWN.length; i++) {
            expected += Math.pow(OWN[i] - TEACHER[i], 2) / (2 * TrainingLoss.NOISE * VARIANCES[i % 3]) / 6;
        }
        assertThat(distance(madeBy("Relu", 0, 3), 2, 3)).isCloseTo(expected, within(1e-4));
    }

    @Test
    void softmaxAtManyPositions_isOneOfManyAtEach() {
        double expected = 0;
        for (int row = 0; row < 2; row++) {
            double[] p = {OWN[3 * row], OWN[3 * row + 1], OWN[3 * row + 2]};
            double[] q = {TEACHER[3 * row], TEACHER[3 * row + 1], TEACHER[3 * row + 2]};
            expected += crossEntropy(p, q) / 2;
        }
        assertThat(distance(madeBy("Softmax", 2, 2, 3), 1, 2, 3)).isCloseTo(expected, within(1e-5));
        double columns = 0;
        for (int c = 0; c < 3; c++) {
            columns += crossEntropy(new double[] {OWN[c], OWN[c + 3]}, new double[] {TEACHER[c], TEACHER[c + 3]}) / 3;
        }
        assertThat(distance(madeBy("Softmax", 1, 2, 3, 1), 1, 2, 3, 1)).isCloseTo(columns, within(1e-5));
    }

    @Test
    void certainAnswers_areFinite() {
        try (Scope scope = Scope.open()) {
            double distance = new TeacherDistance(madeBy("Sigmoid", 0, 2), "output", new ClassLoss(0, T), null)
                    .of(
                            TensorConversions.floats(new float[] {0, 1}, 1, 2),
                            TensorConversions.floats(new float[] {1, 0}, 1, 2),
                            1)
                    .item_double();
            assertThat(distance).isPositive().isFinite();
        }
    }
}
