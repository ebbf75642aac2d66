package org.espalier.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.prepare.GraphNormalizer;
import org.espalier.testing.Equivalence;
import org.espalier.testing.ForeignBuilder;
import org.junit.jupiter.api.Test;

/** Heads of the operator Attention, which operator set 23 brought. */
class AttentionTest {
    private final ForeignBuilder b = new ForeignBuilder("attention", 3);

    private String features() {
        return b.relu(b.linear(b.input("x", 5, 7), 7, 16));
    }

    private ChannelGroups check(Integer... sizes) {
        Graph g = b.build(3);
        Graph newer = new Graph(g.name(), Map.of("", 23L), g.inputs(), g.outputs(), g.nodes(), g.initializers());
        Graph graph = GraphNormalizer.normalize(newer);
        ChannelGroups groups = ChannelGroups.of(graph);
        assertThat(groups.groups())
                .as("groups %s, frozen %s", groups.groups(), groups.frozen())
                .extracting(group -> group.size())
                .containsExactly(sizes);
        for (int round = 0; round < 8; round++) {
            Equivalence.check(graph, round, 1, 3);
        }
        return groups;
    }

    private void outputOf(String y, int features) {
        b.output(b.linear(y, features, 3), 5, 3);
    }

    @Test
    void attention_featuresOfAllHeads_headsAreFree() {
        String x = features();
        List<String> in = List.of(b.linear(x, 16, 24), b.linear(x, 16, 24), b.linear(x, 16, 20));
        outputOf(b.op("Attention", in, "q_num_heads", 4, "kv_num_heads", 4), 20);
        check(16, 4);
    }

    @Test
    void attention_groupedFeatures_headsGoWithTheirKeys() {
        String x = features();
        List<String> in = List.of(b.linear(x, 16, 24), b.linear(x, 16, 12), b.linear(x, 16, 10));
        outputOf(b.op("Attention", in, "q_num_heads", 4, "kv_num_heads", 2), 20);
        check(16, 2);
    }

    @Test
    void attention_groupedHeadsWithAMaskOfEach_headsGoWithTheirKeys() {
        String x = features();
        String q = b.heads(b.linear(x, 16, 24), 5, 4, 6);
        String k = b.heads(b.linear(x, 16, 12), 5, 2, 6);
        String v = b.heads(b.linear(x, 16, 6), 5, 2, 3);
        String y = b.op("Attention", List.of(q, k, v, b.weight(4, 5, 5)), "is_causal", 1);
        outputOf(b.reshape(b.transpose(y, 0, 2, 1, 3), 5, 12), 12);
        check(16, 2);
    }

    @Test
    void attention_ofOneKeyHead_keepsIt() {
        String x = features();
        List<String> in = List.of(b.linear(x, 16, 24), b.linear(x, 16, 6), b.linear(x, 16, 5));
        outputOf(b.op("Attention", in, "q_num_heads", 4, "kv_num_heads", 1), 20);
        check(16, 1);
    }

    @Test
    void attention_whoseKeysAreAnOutput_keepsItsHeads() {
        String x = features();
        List<String> in = List.of(b.linear(x, 16, 24), b.linear(x, 16, 24), b.linear(x, 16, 24));
        List<String> out = b.many("Attention", 4, in, "q_num_heads", 4, "kv_num_heads", 4);
        outputOf(out.get(0), 24);
        b.output(out.get(3), 4, 5, 5);
        ChannelGroups groups = check(16);
        assertThat(groups.frozen()).anyMatch(f -> f.reason().contains("Attention"));
    }
}
