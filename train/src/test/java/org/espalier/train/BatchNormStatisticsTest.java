package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.data.DataSet;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.recipe.Recipe;
import org.junit.jupiter.api.Test;

class BatchNormStatisticsTest {
    private static final Recipe RECIPE = Recipe.DEFAULT.withBatches(b -> b.withSize(100));

    private static TensorData filled(float value) {
        float[] values = new float[4];
        Arrays.fill(values, value);
        return TensorData.ofFloats(values, 4);
    }

    @Test
    void refresh_whateverWasThereBefore_givesTheStatisticsOfTheData() {
        DataSet train = Toy.digits().train();
        Graph toy = Toy.convolutional();
        List<Node> slow = new ArrayList<>(toy.nodes());
        slow.set(1, slow.get(1).withAttribute("momentum", Attribute.of(0.99f)));
        Graph graph = toy.with(slow, toy.initializers());
        Graph other = graph.withInitializers(Map.of(
                graph.nodes().get(1).input(3), filled(1),
                graph.nodes().get(1).input(4), filled(2)));
        float[] wrong = OnnxRuntime.logits(other, train.take(50));
        float[] first = OnnxRuntime.logits(BatchNormStatistics.refresh(graph, train, RECIPE), train.take(50));
        float[] second = OnnxRuntime.logits(BatchNormStatistics.refresh(other, train, RECIPE), train.take(50));
        assertThat(OnnxRuntime.relativeDifference(first, second)).isLessThan(0.02);
        assertThat(OnnxRuntime.relativeDifference(first, wrong)).isGreaterThan(0.5);
    }

    @Test
    void refresh_withoutBatchNormalization_leavesTheNetworkAsItIs() {
        Graph graph = Toy.dense();
        assertThat(BatchNormStatistics.refresh(graph, Toy.digits().train(), RECIPE))
                .isSameAs(graph);
    }
}
