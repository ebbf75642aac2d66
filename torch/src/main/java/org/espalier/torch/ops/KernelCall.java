package org.espalier.torch.ops;

import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** One node about to be computed: its inputs and how the pass is run. */
public final class KernelCall {
    private final Node node;
    private final long opset;
    private final @Nullable Tensor[] inputs;
    private final @Nullable TensorData[] constants;
    private final Settings settings;
    private final PointerScope pass;

    /**
     * Creates a call.
     *
     * @param node the node
     * @param opset the version of the operator set
     * @param inputs values by position, null where absent
     * @param constants the same where they are known before the pass, null elsewhere
     * @param settings how the pass is run
     * @param pass owns what must live until the backward pass
     */
    public KernelCall(
            Node node,
            long opset,
            @Nullable Tensor[] inputs,
            @Nullable TensorData[] constants,
            Settings settings,
            PointerScope pass) {
        this.node = node;
        this.opset = opset;
        this.inputs = inputs;
        this.constants = constants;
        this.settings = settings;
        this.pass = pass;
    }

    /** {@return the node} */
    public Node node() {
        return node;
    }

    /** {@return the version of the operator set} */
    public long opset() {
        return opset;
    }

    /** {@return what owns values that must live until the backward pass} */
    public PointerScope pass() {
        return pass;
    }

    /** {@return how the pass is run} */
    public Settings settings() {
        return settings;
    }

    /**
     * How a pass is run.
     *
     * @param batchStatistics batch normalisation uses and updates statistics of the batch
     * @param dropout Dropout is active
     * @param mixed products take bfloat16
     * @param channelsLast images are kept with channels innermost
     */
    public record Settings(boolean batchStatistics, boolean dropout, boolean mixed, boolean channelsLast) {}

    /** Has something live until the backward pass is over. */
    void keep(Pointer p) {
        pass.attach(p);
    }

    /**
     * Whether input {@code i} is given.
     *
     * @param i its position
     * @return true if it is there
     */
    public boolean has(int i) {
        return i < inputs.length && inputs[i] != null;
    }

    /**
     * Input {@code i}.
     *
     * @param i its position
     * @return the tensor
     * @throws GraphException if it is absent
     */
    public Tensor in(int i) {
        Tensor t = i < inputs.length ? inputs[i] : null;
        if (t == null) {
            throw new GraphException(node.label() + ": input " + i + " is required, found none");
        }
        return t;
    }

    /** Input {@code i} on the device, and of the element type, of {@code like}. */
    Tensor in(int i, Tensor like) {
        return in(i).to(like);
    }

    /** Input {@code i} as an optional argument. */
    TensorOptional optional(int i) {
        return has(i) ? new TensorOptional(in(i)) : new TensorOptional();
    }

    /** How many inputs the node names, absent ones included. */
    int count() {
        return inputs.length;
    }

    /** {@return input {@code i} where it is known before the pass, else null} */
    @Nullable
    TensorData constant(int i) {
        return i < constants.length ? constants[i] : null;
    }

    /** The integers of input {@code i}. */
    long[] longs(int i) {
        TensorData constant = constant(i);
        return (constant != null ? constant : TensorConversions.toGraph(in(i))).toLongs();
    }

    /** The numbers of input {@code i}. */
    double[] doubles(int i) {
        TensorData constant = constant(i);
        return (constant != null ? constant : TensorConversions.toGraph(in(i))).toDoubles();
    }

    /**
     * An integer list that is an input since some operator set, and an attribute before; null where absent in both
     * places.
     */
    long @Nullable [] longs(int input, String attribute) {
        return has(input) ? longs(input) : node.getLongs(attribute);
    }

    /** A number that is an input since some operator set, and an attribute before. */
    double number(int input, String attribute, double otherwise) {
        if (has(input)) {
            double[] values = doubles(input);
            if (values.length != 1) {
                throw wrong("input " + input + " must hold one value", "1", values.length);
            }
            return values[0];
        }
        return node.hasAttribute(attribute) ? node.getFloat(attribute, 0) : otherwise;
    }

    /** An axis counted from 0. */
    int axis(long axis, long rank) {
        if (axis < -rank || axis >= rank) {
            throw wrong("axis must lie in the input's rank", "-" + rank + " to " + (rank - 1), axis);
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** Axes counted from 0. */
    long[] axes(long[] axes, long rank) {
        return Arrays.stream(axes).map(a -> axis(a, rank)).toArray();
    }

    /** The element type of a product's factors. */
    Tensor factor(Tensor x) {
        return settings.mixed() && x.scalar_type().intern() == ScalarType.Float ? x.to(ScalarType.BFloat16) : x;
    }

    /** An error in the house's form. */
    GraphException wrong(String rule, Object expected, Object found) {
        return new GraphException(
                String.format(Locale.ROOT, "%s: %s, expected %s, found %s", node.label(), rule, expected, found));
    }

    /** A number as libtorch takes it. */
    static Scalar scalar(double value) {
        return new Scalar(value);
    }

    /** A tensor in channels-last layout, which a tensor with one channel needs to be told explicitly. */
    static Tensor channelsLast(Tensor x) {
        if (x.size(1) == 1) {
            long n = x.size(0);
            long h = x.size(2);
            long w = x.size(3);
            return x.contiguous().view(n, h, w, 1).permute(0, 3, 1, 2);
        }
        return x.contiguous(torch.MemoryFormat.ChannelsLast);
    }
}
