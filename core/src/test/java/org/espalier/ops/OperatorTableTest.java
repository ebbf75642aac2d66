package org.espalier.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.espalier.graph.Node;
import org.junit.jupiter.api.Test;

/** Of each operator somebody decided what it says of units and of examples; the defaults are for those listed here. */
class OperatorTableTest {
    private static Node node(String operator, String domain) {
        return new Node("n", operator, domain, List.of("x"), List.of("y"), Map.of());
    }

    private static Operator find(String name) {
        return Objects.requireNonNull(OperatorTable.find(node(name, "")), name);
    }

    /** Names of the operators whose class does not say a method of its own. */
    private static SortedSet<String> without(String method) {
        return OperatorTable.names().stream()
                .filter(name -> Arrays.stream(find(name).getClass().getDeclaredMethods())
                        .noneMatch(m -> m.getName().equals(method)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void names_eachOperator_isFoundByItsClassAlone() {
        for (String name : OperatorTable.names()) {
            assertThat(find(name).names()).as(name).contains(name);
        }
    }

    @Test
    void find_foreignDomain_isNotKnown() {
        assertThat(OperatorTable.find(node("Conv", "ai.onnx"))).isNotNull();
        assertThat(OperatorTable.find(node("Conv", "com.example"))).isNull();
        assertThat(OperatorTable.find(node("Convolve", ""))).isNull();
    }

    @Test
    void relate_operatorsWithoutIt_areThoseOfWhichOnlyShapesAreKnown() {
        assertThat(without("relate"))
                .containsExactly(
                        "Constant", "GatherElements", "GatherND", "OneHot", "ScatterElements", "ScatterND", "TopK");
    }

    /** Recurrent layers have their examples along the second axis: a batch of one that is fixed there stays fixed. */
    @Test
    void keepsExamplesApart_operatorsWithoutIt_readNoRowsOrAreRecurrent() {
        assertThat(without("keepsExamplesApart"))
                .containsExactly("Constant", "ConstantOfShape", "GRU", "LSTM", "RNN", "Range", "Shape", "Size");
    }
}
