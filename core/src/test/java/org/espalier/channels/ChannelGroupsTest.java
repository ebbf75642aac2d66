package org.espalier.channels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Axis;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.testing.Equivalence;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;

class ChannelGroupsTest {
    @Test
    void of_lenetFc_inputsThenBothHiddenLayers() {
        ChannelGroups groups = ChannelGroups.of(Zoo.build("lenet-fc", 1));
        assertThat(Equivalence.sizes(groups)).containsExactly("fc1.in=784", "fc1=500", "fc2=300");
        assertThat(groups.units()).isEqualTo(784 + 500 + 300);
        assertThat(groups.groups()).extracting(ChannelGroup::macsPerUnit).containsExactly(500.0, 784.0 + 300, 510.0);
    }

    @Test
    void groupOf_firstAndLastUnits_isTheGroupThatHoldsThem() {
        ChannelGroups groups = ChannelGroups.of(Zoo.build("lenet-fc", 1));
        int[] units = {0, 783, 784, 1283, 1284, 1583};
        assertThat(Arrays.stream(units).mapToObj(u -> groups.groupOf(u).name()))
                .containsExactly("fc1.in", "fc1.in", "fc1", "fc1", "fc2", "fc2");
        assertThat(groups.sizes())
                .containsExactly(Map.entry("fc1.in", 784), Map.entry("fc1", 500), Map.entry("fc2", 300));
        for (int none : new int[] {-1, 1584}) {
            assertThatThrownBy(() -> groups.groupOf(none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("unit: must exist, expected 0 to 1583, found " + none);
        }
    }

    @Test
    void of_lenet5_channelsThenFeaturesThenHiddenLayer() {
        ChannelGroups groups = ChannelGroups.of(Zoo.build("lenet5", 1));
        assertThat(Equivalence.sizes(groups)).containsExactly("conv1=20", "conv2=50", "fc1.in=800", "fc1=500");
        assertThat(groups.groups())
                .extracting(ChannelGroup::kind)
                .containsExactly(
                        ChannelGroup.Kind.CHANNELS,
                        ChannelGroup.Kind.CHANNELS,
                        ChannelGroup.Kind.INPUTS,
                        ChannelGroup.Kind.CHANNELS);
    }

    @Test
    void of_lenet5_eachReadingWeightHasItsSites() {
        ChannelGroups groups = ChannelGroups.of(Zoo.build("lenet5", 1));
        assertThat(groups.sites())
                .extracting(s -> s.place() + (s.picked() ? " picked" : ""))
                .containsExactly("conv2.weight[1]", "fc1.weight[1]", "fc1.weight[1] picked", "fc2.weight[1]");
    }

    @Test
    void of_resnet20_oneGroupForTheResidualStreamOfEachStage() {
        ChannelGroups groups = ChannelGroups.of(Zoo.build("resnet20", 1));
        assertThat(groups.units()).isEqualTo((16 + 32 + 64) * 4);
        assertThat(groups.groups()).hasSize(3 + 9);
        assertThat(groups.groups().get(0).places()).contains(new Axis("conv1.weight", 0));
    }

    @Test
    void of_unknownOperatorOnTheWay_freezesWithItsName() {
        GraphBuilder b = new GraphBuilder("unknown", 1);
        String x = b.conv("conv", b.input("x", 3, 4, 4), 3, 4, 1, 1, 0, 1, false);
        x = b.node("odd", "Oddity", List.of(x), Map.of());
        b.declareOutput(b.conv("last", x, 4, 2, 1, 1, 0, 1, false), 2, 4, 4);
        ChannelGroups groups = ChannelGroups.of(b.build());
        assertThat(groups.units()).isZero();
        assertThat(groups.frozen()).anySatisfy(f -> {
            assertThat(f.value()).isEqualTo("conv");
            assertThat(f.units()).isEqualTo(4);
            assertThat(f.reason()).contains("Oddity");
        });
    }

    @Test
    void of_weightReadByUnknownOperatorFirst_isFrozen() {
        GraphBuilder b = new GraphBuilder("shared", 1);
        String x = b.input("x", 4);
        String y = b.gemm("fc1", x, 4, 6);
        b.declareOutput(b.node("odd", "Oddity", List.of("fc1.weight"), Map.of()), 4);
        b.declareOutput(b.gemm("fc2", y, 6, 2), 2);
        Graph g = b.build();
        assertThat(ChannelGroups.of(g).groups()).extracting(ChannelGroup::name).doesNotContain("fc1");
        assertThat(ChannelGroups.of(g).unitsOf("fc1.weight", 0)).isNull();
    }

    @Test
    void of_outputOfTheNetwork_isFrozen() {
        ChannelGroups groups = ChannelGroups.of(Zoo.build("lenet-fc", 1));
        assertThat(groups.frozen())
                .anyMatch(f -> f.value().equals("logits")
                        && f.units() == 10
                        && f.reason().contains("output"));
    }

    @Test
    void of_softmaxOverChannels_freezesThem() {
        GraphBuilder b = new GraphBuilder("softmax", 1);
        String x = b.gemm("fc1", b.input("x", 4), 4, 6);
        x = b.node("softmax", "Softmax", List.of(x), Map.of("axis", Attribute.of(-1)));
        b.declareOutput(b.gemm("fc2", x, 6, 2), 2);
        ChannelGroups groups = ChannelGroups.of(b.build());
        assertThat(Equivalence.sizes(groups)).containsExactly("fc1.in=4", "fc2.in=6");
        assertThat(groups.frozen()).anyMatch(f -> f.reason().contains("Softmax 'softmax'"));
    }

    @Test
    void count_keptUnits_perGroup() {
        ChannelGroups groups = ChannelGroups.of(Zoo.build("lenet-fc", 1));
        boolean[] kept = new boolean[groups.units()];
        kept[3] = true;
        kept[784] = true;
        kept[785] = true;
        assertThat(groups.count(kept))
                .containsExactly(Map.entry("fc1.in", 1), Map.entry("fc1", 2), Map.entry("fc2", 0));
    }
}
