package org.espalier.ops;

import java.util.Arrays;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** One node during shape inference: what is known of its inputs, and where its operator puts what it finds of the outputs. */
public final class NodeInference {
    /** Numbers in a list about axes: two for each, as padding has. */
    private static final int LONGEST_LIST = 2 * TensorData.MOST_AXES;

    private final Node node;
    private final long opset;
    private final Map<String, TensorInfo> infos;
    private final Map<String, TensorData> constants;
    private final FoldingBudget budget;

    /**
     * A view of a node.
     *
     * @param node the node
     * @param opset the version of ONNX's own operator set
     * @param infos types and shapes of known values, by name
     * @param constants values that are known, by name
     * @param budget how much memory constants that nodes make may take
     */
    public NodeInference(
            Node node,
            long opset,
            Map<String, TensorInfo> infos,
            Map<String, TensorData> constants,
            FoldingBudget budget) {
        this.node = node;
        this.opset = opset;
        this.infos = infos;
        this.constants = constants;
        this.budget = budget;
    }

    /** {@return the node} */
    public Node node() {
        return node;
    }

    /** {@return version of ONNX's own operator set} */
    public long opset() {
        return opset;
    }

    /**
     * Type and shape of input {@code i}.
     *
     * @param i the number of the input or output
     * @return type and shape of input {@code i}
     */
    public TensorInfo info(int i) {
        TensorInfo info = infos.get(node.input(i));
        if (info == null) {
            throw error("input " + i + " is missing");
        }
        return info;
    }

    /**
     * The shape of an input.
     *
     * @param i the number of the input or output
     * @return the shape of an input
     */
    public long[] shape(int i) {
        return info(i).shape();
    }

    /**
     * How many axes an input has.
     *
     * @param i the number of the input or output
     * @return how many axes an input has
     */
    public int rank(int i) {
        return info(i).rank();
    }

    /**
     * The element type of an input.
     *
     * @param i the number of the input or output
     * @return the element type of an input
     */
    public ElementType type(int i) {
        return info(i).type();
    }

    /**
     * The shape of an output that was stated before.
     *
     * @param i the number of the input or output
     * @return the shape of an output that was stated before
     */
    public long[] outputShape(int i) {
        TensorInfo info = infos.get(node.output(i));
        if (info == null) {
            throw error("shape of output " + i + " is not known");
        }
        return info.shape();
    }

    /**
     * The value of input {@code i} where it does not depend on the network's inputs, else null.
     *
     * @param i the number of the input or output
     * @return the value of input {@code i} where it does not depend on the network's inputs, else null
     */
    public @Nullable TensorData constant(int i) {
        return constants.get(node.input(i));
    }

    /**
     * A vector of integers given as an attribute (older operator sets) or as input {@code i}; null where absent or
     * not constant.
     *
     * @param attribute the attribute of older operator sets; empty where there is none
     * @param i the number of the input or output
     * @return a vector of integers given as an attribute (older operator sets) or as input {@code i}
     */
    public long @Nullable [] longs(String attribute, int i) {
        long[] fromAttribute = node.getLongs(attribute);
        if (fromAttribute != null) {
            return fromAttribute;
        }
        TensorData t = constant(i);
        if (t != null && !attribute.equals("split") && t.elements() > LONGEST_LIST) {
            throw error(tooLong(attribute, t.elements()));
        }
        return t == null ? null : t.toLongs();
    }

    /** Refuses lists of integers that are too long to be about axes before anything is done with them. */
    public void requireShortLists() {
        node.attributes().forEach((name, a) -> {
            if (a instanceof Attribute.OfLongs list
                    && list.values().size() > LONGEST_LIST
                    && !name.equals("split")
                    && !node.opType().equals("Constant")) {
                throw error(tooLong(name, list.values().size()));
            }
        });
    }

    private static String tooLong(String list, long found) {
        return list + " must be about at most " + TensorData.MOST_AXES + " axes, expected at most " + LONGEST_LIST
                + " numbers, found " + found;
    }

    /** Whether a value of shape arithmetic with this shape may be computed, which is noted. */
    boolean folds(long... shape) {
        long elements = TensorData.elements(shape);
        return elements <= ConstantFolding.LARGEST_FOLDED && budget.take(elements * Double.BYTES);
    }

    /** Whether a weight of this type and shape may be made, which is noted. */
    boolean foldsWeight(ElementType type, long... shape) {
        return TensorData.elements(shape) <= ConstantFolding.LARGEST_WEIGHT
                && budget.take(TensorData.byteCount(type, shape));
    }

    /** Checks that an input is not empty. */
    void requireElements(int i) {
        if (info(i).elements() == 0) {
            throw shapeError("input " + i + " must have elements");
        }
    }

    /** Checks that an input, where it is there, has one axis of a given length. */
    void requireVector(int i, long length) {
        if (node.hasInput(i) && !Arrays.equals(shape(i), new long[] {length})) {
            throw shapeError("input " + i + " must have shape [" + length + "]");
        }
    }

    /**
     * A possibly negative axis of a tensor with {@code rank} axes as a number from 0.
     *
     * @param axis the axis, possibly negative
     * @param rank how many axes there are
     * @return a possibly negative axis of a tensor with {@code rank} axes as a number from 0
     */
    public int axis(long axis, int rank) {
        if (axis < -rank || axis >= rank) {
            throw error("axis must lie in [" + -rank + ", " + (rank - 1) + "], found " + axis);
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /**
     * States an output; absent optional outputs are passed over.
     *
     * @param i the number of the input or output
     * @param type the element type
     * @param shape the sizes of its axes
     */
    public void output(int i, ElementType type, long... shape) {
        String name = node.output(i);
        if (!name.isEmpty()) {
            try {
                TensorData.byteCount(type, shape);
            } catch (GraphException e) {
                throw new GraphException(node.label() + ": output '" + name + "': " + e.getMessage(), e);
            }
            infos.put(name, new TensorInfo(type, shape));
        }
    }

    /**
     * States an output whose value is known.
     *
     * @param i the number of the input or output
     * @param value the value
     */
    public void output(int i, TensorData value) {
        output(i, value.type(), value.shape());
        constants.put(node.output(i), value);
    }

    /**
     * An error that names the node.
     *
     * @param rule what must hold
     * @return an error that names the node
     */
    public GraphException error(String rule) {
        return new GraphException(node.label() + ": " + rule);
    }

    /**
     * An error about a rule on sizes, naming the shapes of all inputs.
     *
     * @param rule what must hold
     * @return an error about a rule on sizes, naming the shapes of all inputs
     */
    public GraphException shapeError(String rule) {
        StringBuilder s = new StringBuilder(node.label() + ": " + rule + ", found");
        for (String in : node.inputs()) {
            TensorInfo info = infos.get(in);
            s.append(' ').append(in).append(info == null ? "" : Arrays.toString(info.shape()));
        }
        return new GraphException(s.toString());
    }
}
