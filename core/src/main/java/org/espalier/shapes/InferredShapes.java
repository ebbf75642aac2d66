package org.espalier.shapes;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.ops.FoldingBudget;
import org.espalier.ops.NodeInference;
import org.espalier.ops.Operator;
import org.espalier.ops.OperatorTable;
import org.espalier.ops.TensorInfo;
import org.jspecify.annotations.Nullable;

/**
 * Types, shapes and known values of all values of a graph, for given sizes of its inputs.
 *
 * <p>Sizes are numbers, not symbols: a graph with a free batch size is looked at for one batch size. Whether a number depends on the
 * batch shows when it is looked at for another one. Values behind an operator that is not known have no shape; {@link #unknown} says
 * why.
 */
public final class InferredShapes {
    private final Graph graph;
    private final Map<String, TensorInfo> infos = new HashMap<>();
    private final Map<String, TensorData> constants = new HashMap<>();
    private final Map<String, String> unknown = new HashMap<>();
    private final Set<String> sizeDependent = new HashSet<>();

    /** Shapes at other sizes, whose values that do not depend on sizes need not be computed again. */
    private final @Nullable InferredShapes earlier;

    private final FoldingBudget budget;

    private InferredShapes(Graph graph, @Nullable InferredShapes earlier) {
        this.graph = graph;
        this.budget = new FoldingBudget(graph.initializers().values());
        this.earlier = earlier;
    }

    /**
     * Infers all shapes for a batch size. Symbols on the first axis of an input are the batch; other symbols get the first size of a few
     * usual ones that fits the network. A network that takes multiples of a batch only is looked at with so many of these.
     *
     * @param graph the network
     * @param batch how many examples
     * @return types, shapes and known values
     * @throws GraphException if shapes do not fit each other
     */
    public static InferredShapes infer(Graph graph, long batch) {
        return infer(graph, batch, null);
    }

    /**
     * The same, with what is known from other sizes of the same graph.
     *
     * @param graph the network
     * @param batch how many examples
     * @param earlier what is known from other sizes of the same graph, or null
     * @return types, shapes and known values
     */
    public static InferredShapes infer(Graph graph, long batch, @Nullable InferredShapes earlier) {
        return SizeProbes.first(graph, batch, Map.of(), earlier);
    }

    /**
     * Infers all shapes from those of the inputs.
     *
     * @param graph the network
     * @param inputShapes the inputs' shapes by name
     * @return types, shapes and known values
     */
    public static InferredShapes infer(Graph graph, Map<String, long[]> inputShapes) {
        return infer(graph, inputShapes, null);
    }

    static InferredShapes infer(Graph graph, Map<String, long[]> inputShapes, @Nullable InferredShapes earlier) {
        InferredShapes s = new InferredShapes(graph, earlier);
        for (Value v : graph.inputs()) {
            long[] shape = inputShapes.get(v.name());
            if (shape == null) {
                s.unknown.put(v.name(), "the shape of input '" + v.name() + "' is not declared");
            } else {
                s.infos.put(v.name(), new TensorInfo(v.type(), checked(v, shape)));
            }
        }
        graph.initializers().forEach((name, t) -> {
            s.infos.put(name, new TensorInfo(t.type(), t.shape()));
            s.constants.put(name, t);
        });
        for (Node n : graph.nodes()) {
            s.infer(n);
        }
        return s;
    }

    private void infer(Node n) {
        Operator op = OperatorTable.find(n);
        String reason = op == null ? "operator '" + n.opType() + "' is not known" : null;
        for (String in : n.inputs()) {
            String inherited = unknown.get(in);
            reason = reason == null ? inherited : reason;
        }
        if (op != null && reason == null && !isCopied(n)) {
            try {
                NodeInference c = inference(n);
                c.requireShortLists();
                op.infer(c);
            } catch (ArithmeticException | IndexOutOfBoundsException | NegativeArraySizeException e) {
                throw notFitting(n, e);
            }
        }
        boolean sized = n.opType().equals("Shape") || n.opType().equals("Size");
        for (String in : n.inputs()) {
            sized |= sizeDependent.contains(in);
        }
        for (String out : n.outputs()) {
            if (sized) {
                sizeDependent.add(out);
            }
            if (!out.isEmpty() && !infos.containsKey(out)) {
                unknown.put(out, reason == null ? "output of " + n.label() + " depends on data" : reason);
            }
        }
    }

    private static long[] checked(Value input, long[] shape) {
        try {
            TensorData.byteCount(input.type(), shape);
        } catch (GraphException e) {
            throw new GraphException("input '" + input.name() + "': " + e.getMessage(), e);
        }
        return shape;
    }

    private GraphException notFitting(Node n, RuntimeException e) {
        String rule = e instanceof ArithmeticException
                ? "sizes must stay below 2^63 and fit its inputs (" + e.getMessage() + ")"
                : "attributes must fit its inputs (" + e.getMessage() + ")";
        return inference(n).shapeError(rule);
    }

    /** Takes a node's outputs over from earlier shapes where they do not depend on sizes. */
    private boolean isCopied(Node n) {
        for (String out : n.outputs()) {
            if (earlier == null || (!out.isEmpty() && earlier.constant(out) == null)) {
                return false;
            }
        }
        for (String out : n.outputs()) {
            TensorData value = earlier == null ? null : earlier.constant(out);
            if (value != null) {
                constants.put(out, value);
                infos.put(out, new TensorInfo(value.type(), value.shape()));
            }
        }
        return true;
    }

    /**
     * What is known around one node, as its operator sees it.
     *
     * @param n the node
     * @return what is known around one node, as its operator sees it
     */
    public NodeInference inference(Node n) {
        return new NodeInference(n, graph.opset(), infos, constants, budget);
    }

    /**
     * Type and shape of a value, or null where it is not known.
     *
     * @param value the value's name
     * @return type and shape of a value, or null where it is not known
     */
    public @Nullable TensorInfo info(String value) {
        return infos.get(value);
    }

    /**
     * Shape of a value.
     *
     * @param value the value's name
     * @return shape of a value
     * @throws GraphException if it is not known
     */
    public long[] shape(String value) {
        TensorInfo info = infos.get(value);
        if (info == null) {
            throw new GraphException("value '" + value + "': shape is not known, "
                    + unknown.getOrDefault(value, "there is no such value"));
        }
        return info.shape();
    }

    /**
     * The element type of a value; float32 where it is not known.
     *
     * @param value the value's name
     * @return the element type of a value
     */
    public ElementType type(String value) {
        TensorInfo info = infos.get(value);
        return info == null ? ElementType.FLOAT : info.type();
    }

    /**
     * The value where it depends neither on the network's inputs nor on their sizes, else null.
     *
     * @param value the value's name
     * @return the value where it depends neither on the network's inputs nor on their sizes, else null
     */
    public @Nullable TensorData constant(String value) {
        return sizeDependent.contains(value) ? null : constants.get(value);
    }

    /**
     * The value at these sizes of the inputs, where it does not depend on the inputs' elements, else null.
     *
     * @param value the value's name
     * @return the value at these sizes of the inputs, where it does not depend on the inputs' elements, else null
     */
    public @Nullable TensorData valueAtTheseSizes(String value) {
        return constants.get(value);
    }

    /**
     * The same without what the sizes of some inputs may decide.
     *
     * @param inputs their names
     * @return shapes in which values that these sizes reach, as shapes or as numbers, are not known
     */
    InferredShapes without(Set<String> inputs) {
        InferredShapes s = new InferredShapes(graph, null);
        Set<String> reached = new HashSet<>(inputs);
        for (Node n : graph.nodes()) {
            if (n.inputs().stream().anyMatch(reached::contains)) {
                reached.addAll(n.outputs());
            }
        }
        reached.removeIf(v -> constant(v) != null);
        s.infos.putAll(infos);
        s.constants.putAll(constants);
        s.unknown.putAll(unknown);
        s.sizeDependent.addAll(sizeDependent);
        for (String v : reached) {
            s.infos.remove(v);
            s.constants.remove(v);
            s.unknown.put(v, "only one size of the inputs was found that fits");
        }
        return s;
    }

    /**
     * Why the shape of a value is not known; null where it is.
     *
     * @param value the value's name
     * @return why the shape of a value is not known
     */
    public @Nullable String unknown(String value) {
        return unknown.get(value);
    }

    /**
     * Multiply-accumulates of one execution of a node; 0 where its shapes are not known.
     *
     * @param n the node
     * @return multiply-accumulates of one execution of a node
     * @throws GraphException if they are too many to count
     */
    public long macs(Node n) {
        Operator op = OperatorTable.find(n);
        for (String v : n.inputs()) {
            if (unknown.containsKey(v)) {
                return 0;
            }
        }
        try {
            return op == null ? 0 : op.macs(inference(n));
        } catch (ArithmeticException e) {
            throw inference(n).shapeError("multiply-accumulates must be fewer than 2^63");
        }
    }

    @Override
    public String toString() {
        StringBuilder s = new StringBuilder();
        infos.forEach((k, v) -> s.append(k).append(Arrays.toString(v.shape())).append(' '));
        return s.toString();
    }
}
