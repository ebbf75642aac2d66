package org.espalier.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphTest {
    private static final Value X = Value.batched("x", ElementType.FLOAT, 4);

    private static Node node(String name, String in, String out) {
        return Node.of(name, "Relu", List.of(in), List.of(out), Map.of());
    }

    private static Graph graph(String output, Node... nodes) {
        return new Graph(
                "g",
                Map.of("", 17L),
                List.of(X),
                List.of(Value.batched(output, ElementType.FLOAT, 4)),
                List.of(nodes),
                Map.of());
    }

    @Test
    void construct_shuffledNodes_areSorted() {
        Graph g = graph("c", node("third", "b", "c"), node("second", "a", "b"), node("first", "x", "a"));
        assertThat(g.nodes()).extracting(Node::name).containsExactly("first", "second", "third");
        assertThat(g.producer("b")).isEqualTo(node("second", "a", "b"));
        assertThat(g.producer("x")).isNull();
        assertThat(g.consumers("a")).extracting(Node::name).containsExactly("second");
        assertThat(g.consumers("c")).isEmpty();
        assertThat(g.isOutput("c")).isTrue();
    }

    @Test
    void construct_independentNodes_keepTheirOrder() {
        Graph g = graph("c", node("n2", "x", "b"), node("n1", "x", "a"), node("n3", "x", "c"));
        assertThat(g.nodes()).extracting(Node::name).containsExactly("n2", "n1", "n3");
    }

    @Test
    void construct_longChainBackwards_needsNoDeepStack() {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            nodes.add(node("n" + i, i == 0 ? "x" : "v" + (i - 1), "v" + i));
        }
        Collections.reverse(nodes);
        Graph g = graph("v49999", nodes.toArray(Node[]::new));
        assertThat(g.nodes().get(0).name()).isEqualTo("n0");
    }

    @Test
    void construct_cycle_isRefused() {
        assertThatThrownBy(() -> graph("b", node("n1", "b", "a"), node("n2", "a", "b")))
                .isInstanceOf(GraphException.class)
                .hasMessage("Relu 'n1': is part of a cycle, expected a graph without one");
        assertThatThrownBy(() -> graph("a", node("self", "a", "a"))).hasMessageContaining("Relu 'self'");
    }

    @Test
    void construct_nodeAfterACycle_isNotBlamed() {
        assertThatThrownBy(() -> graph("c", node("after", "b", "c"), node("n1", "b", "a"), node("n2", "a", "b")))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("is part of a cycle")
                .hasMessageNotContaining("after");
    }

    @Test
    void construct_duplicateDefinitions_areRefused() {
        assertThatThrownBy(() -> graph("a", node("n1", "x", "a"), node("n2", "x", "a")))
                .isInstanceOf(GraphException.class)
                .hasMessage("Relu 'n2': output 'a' is defined twice");
        assertThatThrownBy(() -> graph("x", node("n1", "x", "x"))).hasMessageContaining("defined twice");
        assertThatThrownBy(() -> new Graph("g", Map.of(), List.of(X, X), List.of(), List.of(), Map.of()))
                .hasMessage("graph 'g': value 'x' is defined twice");
        assertThatThrownBy(() -> new Graph("g", Map.of(), List.of(X), List.of(X, X), List.of(), Map.of()))
                .hasMessage("graph 'g': output 'x' is declared twice");
    }

    @Test
    void construct_undefinedNames_areRefused() {
        assertThatThrownBy(() -> graph("a", node("n1", "ghost", "a")))
                .isInstanceOf(GraphException.class)
                .hasMessage("Relu 'n1': input 'ghost' is not defined by any node, input or constant");
        assertThatThrownBy(() -> graph("ghost", node("n1", "x", "a")))
                .hasMessage("graph 'g': output 'ghost' is not defined by any node");
    }

    @Test
    void construct_unnamedAndEquallyNamedNodes_getNames() {
        Graph g =
                graph("d", node("", "x", "a"), node("", "a", "b"), node("Relu_1", "b", "c"), node("Relu_1", "c", "d"));
        assertThat(g.nodes())
                .extracting(Node::name)
                .doesNotHaveDuplicates()
                .doesNotContain("")
                .contains("Relu_1");
    }

    @Test
    void construct_subgraph_readsOuterValues() {
        Attribute branch = new Attribute.Opaque(ByteBuffer.allocate(0), List.of("a"));
        Node loop = Node.of("loop", "Loop", List.of("x"), List.of("b"), Map.of("body", branch));
        Graph g = graph("b", loop, node("n1", "x", "a"));
        assertThat(g.nodes()).extracting(Node::name).containsExactly("n1", "loop");
        assertThat(g.consumers("a")).containsExactly(loop);
        assertThatThrownBy(() -> graph("b", loop)).hasMessageContaining("input 'a' is not defined");
    }

    @Test
    void with_newNodes_dropsUnreadConstantsAndKeepsTheRest() {
        Node add = Node.of("add", "Add", List.of("x", "w"), List.of("y"), Map.of());
        Graph g = new Graph(
                "g",
                Map.of("", 17L),
                List.of(X),
                List.of(Value.batched("y", ElementType.FLOAT, 4)),
                List.of(add),
                Map.of("w", TensorData.full(1, 4), "unread", TensorData.full(2, 4)),
                Map.of("author", "someone"));
        Graph same = g.with(g.nodes(), g.initializers());
        assertThat(same.initializers()).containsOnlyKeys("w");
        assertThat(same.metadata()).containsEntry("author", "someone");
        Graph changed = g.withInitializers(Map.of("w", TensorData.full(9, 4)));
        assertThat(changed.initializer("w")).isEqualTo(TensorData.full(9, 4));
        assertThat(changed.metadata()).isEqualTo(g.metadata());
        assertThat(g.freshName("w")).isEqualTo("w_1");
        assertThat(g.freshName("new")).isEqualTo("new");
    }

    @Test
    void builder_output_renamesTheLastValue() {
        GraphBuilder b = new GraphBuilder("g", 1);
        String x = b.input("input", 3);
        String h = b.gemm("fc", x, 3, 2);
        b.relu("side", h);
        b.output("logits", h, 2);
        Graph g = b.build();
        assertThat(g.producer("logits")).extracting(Node::name).isEqualTo("fc");
        assertThat(g.consumers("logits")).extracting(Node::name).containsExactly("side");
        assertThatThrownBy(() -> new GraphBuilder("g", 1).output("y", "nothing", 2))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void attributes_wrongKind_isNamed() {
        Node n = node("n1", "x", "a").withAttribute("axis", Attribute.of(1.5f));
        assertThat(n.getLong("other", 3)).isEqualTo(3);
        assertThatThrownBy(() -> n.getLong("axis", 0))
                .isInstanceOf(GraphException.class)
                .hasMessage("Relu 'n1': attribute 'axis' has the wrong kind, expected an integer");
    }
}
