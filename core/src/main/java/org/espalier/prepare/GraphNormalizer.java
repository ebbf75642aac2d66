package org.espalier.prepare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.LongStream;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.ops.OperatorTable;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;
import org.espalier.shapes.SizeProbes;
import org.jspecify.annotations.Nullable;

/**
 * Brings a foreign graph into the form that the analysis understands best, without changing what it computes or its interface.
 *
 * <ul>
 *   <li>What nodes compute from constants alone becomes a constant where that makes the file hardly larger: weights that nodes make, shape
 *       arithmetic on fixed sizes. A weight that is read in two forms stays one weight.
 *   <li>A Reshape to a computed shape gets a constant one. Which entries depend on the sizes of the network's inputs shows when the
 *       graph is looked at for several batch sizes: those that stay become numbers, one that varies becomes −1, others 0 (copied).
 *   <li>A computed size of which some entries are always the same gets those as constants.
 *   <li>A Resize to computed sizes gets scales, where those are the same for all sizes of the inputs; else, from operator set 18 on, the
 *       sizes of its spatial axes alone.
 *   <li>A tensor of one number in a computed shape becomes an Expand of a constant; a recurrent layer's initial state of zeros disappears.
 *   <li>A Scaler or Normalizer of ONNX's operators for machine learning is written with ordinary ones.
 *   <li>A GatherND that picks from the first axis alone, at fixed places, becomes a Gather.
 *   <li>A vector of equal numbers that several nodes read gets a copy for each: exporters write equal constants once, and a bias of zeros
 *       that two layers happen to share would tie their units.
 *   <li>Identity, Dropout (in inference) and a Cast to the same type disappear, and so does what nobody reads any more.
 * </ul>
 */
public final class GraphNormalizer {
    /** How many outputs an operator must have; those after are optional. */
    private static final Map<String, Integer> OPTIONAL_AFTER = Map.of(
            "BatchNormalization",
            1,
            "Dropout",
            1,
            "MaxPool",
            1,
            "LayerNormalization",
            1,
            "SimplifiedLayerNormalization",
            1);

    /** Elements of constants that are made of nothing, such as filled masks: larger ones stay computed. */
    private static final int LARGEST_MADE = 1 << 10;

    private static final Set<String> WEIGHTED = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

    private final Graph graph;
    private final List<InferredShapes> probes;
    private final Map<String, TensorData> constants;
    private final Map<String, String> renamed = new HashMap<>();
    private final Set<String> readInSubgraphs = new HashSet<>();
    /** Values that are constant and still computed by nodes. */
    private final Set<String> computed = new HashSet<>();

    private final List<Node> nodes = new ArrayList<>();
    private final FilledTensors filled;
    private final FixedEntries fixedEntries;

    private GraphNormalizer(Graph graph, List<InferredShapes> probes) {
        this.graph = graph;
        this.probes = probes;
        this.constants = new LinkedHashMap<>(graph.initializers());
        this.filled = new FilledTensors(graph, this::fixed);
        this.fixedEntries = new FixedEntries(graph, probes, this::constant, nodes::add);
        for (Node n : graph.nodes()) {
            for (Attribute a : n.attributes().values()) {
                if (a instanceof Attribute.Opaque o) {
                    readInSubgraphs.addAll(o.outerValues());
                }
            }
        }
    }

    /**
     * The graph in the form described above.
     *
     * @param graph the network
     * @return the graph in the form described above
     * @throws GraphException if shapes do not fit each other
     */
    public static Graph normalize(Graph graph) {
        return normalize(graph, Map.of());
    }

    /**
     * The graph in the form described above.
     *
     * @param graph the network
     * @param sizes shapes of inputs by name at which a network that leaves sizes open is looked at, such as the data's
     * @return the graph in the form described above
     * @throws GraphException if shapes do not fit each other
     */
    public static Graph normalize(Graph graph, Map<String, long[]> sizes) {
        List<InferredShapes> probes = SizeProbes.of(graph, sizes);
        GraphNormalizer n = new GraphNormalizer(graph, probes);
        for (Node node : graph.nodes()) {
            n.add(node);
        }
        List<Node> living = living(graph, n.nodes);
        living.replaceAll(n.new Unsharing()::apart);
        return graph.with(living, n.constants);
    }

    /** Gives each node its own copy of a vector of equal numbers. */
    private final class Unsharing {
        private final Set<String> taken = new HashSet<>();

        Node apart(Node node) {
            Node n = node;
            for (int i = 0; i < node.inputs().size(); i++) {
                TensorData t = constants.get(node.input(i));
                if (t != null && isUniformVector(t) && !graph.isOutput(node.input(i)) && !taken.add(node.input(i))) {
                    n = n.withInput(i, constant(node.name() + ".input" + i, t));
                }
            }
            return n;
        }

        private static boolean isUniformVector(TensorData t) {
            if (t.rank() != 1 || t.elements() < 2 || !t.type().isFloating()) {
                return false;
            }
            float[] v = t.toFloats();
            for (float x : v) {
                if (x != v[0]) {
                    return false;
                }
            }
            return true;
        }
    }

    private void add(Node node) {
        if (OperatorTable.find(node) != null && becomesConstant(node)) {
            return;
        }
        if (isTransparent(node) && !graph.isOutput(node.output(0))) {
            renamed.put(node.output(0), current(node.input(0)));
            return;
        }
        Node n = node.withInputs(node.inputs().stream().map(this::current).toList());
        if (MlOperators.isKnown(node, varying(node.input(0)))) {
            nodes.addAll(MlOperators.spelledOut(n, probes.get(0).type(node.input(0)), graph, this::constant));
            return;
        }
        switch (node.opType()) {
            case "Reshape" -> n = withConstantShape(node, n);
            case "Resize" -> n = withSpatialSizes(node, withScales(node, n));
            case "GatherND" -> n = asGather(node, n);
            case "ConstantOfShape", "Expand" ->
                n = filled.expanded(n, varying(node.output(0)), t -> constant(node.name() + ".filling", t));
            default -> n = filled.withoutZeroStates(node, n);
        }
        nodes.add(fixedEntries.in(node, withoutUnreadOutputs(node, n)));
    }

    /** Without optional outputs that nobody reads, such as the mask of a Dropout. */
    private Node withoutUnreadOutputs(Node old, Node n) {
        int needed = n.opType().equals("BatchNormalization") && n.getLong("training_mode", 0) != 0
                ? n.outputs().size()
                : OPTIONAL_AFTER.getOrDefault(
                        n.domain().isEmpty() ? n.opType() : "", n.outputs().size());
        List<String> outputs = new ArrayList<>(n.outputs());
        while (outputs.size() > needed) {
            String last = outputs.get(outputs.size() - 1);
            boolean read = !last.isEmpty()
                    && (graph.isOutput(last) || !graph.consumers(last).isEmpty() || isReadInSubgraph(last));
            if (read) {
                break;
            }
            outputs.remove(outputs.size() - 1);
        }
        return outputs.size() == old.outputs().size() ? n : n.withOutputs(outputs);
    }

    private String current(String value) {
        return renamed.getOrDefault(value, value);
    }

    private boolean becomesConstant(Node node) {
        Map<String, TensorData> values = new LinkedHashMap<>();
        for (String out : node.outputs()) {
            if (out.isEmpty()) {
                continue;
            }
            TensorData value = fixed(out);
            if (value == null || graph.isOutput(out) || isReadInSubgraph(out)) {
                return false;
            }
            values.put(out, value);
        }
        if (values.values().stream().anyMatch(v -> !isWorthStoring(node, v))) {
            computed.addAll(node.outputs());
            return false;
        }
        constants.putAll(values);
        return true;
    }

    /**
     * Whether a value may be stored instead of computed: it is small, or takes the place of constants that nobody else reads. A weight that
     * others read, too, stays one weight.
     */
    private boolean isWorthStoring(Node node, TensorData value) {
        if (node.opType().equals("Constant") || value.elements() <= 1) {
            return true;
        }
        long freed = 0;
        for (String in : node.inputs().stream().distinct().toList()) {
            TensorData source = constants.get(in);
            boolean shared = graph.consumers(in).size() > 1 || graph.isOutput(in);
            boolean weight = source != null && source.type().isFloating() && source.elements() > 1;
            if (computed.contains(in) || (weight && shared && value.type().isFloating())) {
                return false;
            }
            freed += source == null || shared ? 0 : source.elements();
        }
        return value.elements() <= LARGEST_MADE || value.elements() <= freed || isWeight(node.output(0));
    }

    /** What a layer multiplies its input by has to be a constant to be trained, though a node fills it. */
    private boolean isWeight(String value) {
        return graph.consumers(value).stream()
                .anyMatch(n -> WEIGHTED.contains(n.opType()) && n.inputs().indexOf(value) >= 1);
    }

    private boolean isReadInSubgraph(String value) {
        return readInSubgraphs.contains(value);
    }

    /** A value that is the same for all sizes of the inputs, or null. */
    private @Nullable TensorData fixed(String value) {
        TensorData first = probes.get(0).constant(value);
        if (first != null) {
            return first;
        }
        first = probes.get(0).valueAtTheseSizes(value);
        for (InferredShapes s : probes) {
            TensorData other = s.valueAtTheseSizes(value);
            if (first == null || other == null || !first.equals(other)) {
                return null;
            }
        }
        return first;
    }

    private boolean isTransparent(Node node) {
        if (!node.domain().isEmpty() || isReadInSubgraph(node.output(0))) {
            return false;
        }
        return switch (node.opType()) {
            case "Identity" -> true;
            case "Dropout" ->
                !isTraining(node) && graph.consumers(node.output(1)).isEmpty() && !isOutput(node, 1);
            case "Cast" -> {
                TensorInfo in = probes.get(0).info(node.input(0));
                yield in != null && in.type().onnx() == node.getLong("to", 1);
            }
            default -> false;
        };
    }

    private boolean isOutput(Node node, int i) {
        return !node.output(i).isEmpty() && graph.isOutput(node.output(i));
    }

    private boolean isTraining(Node dropout) {
        TensorData mode = dropout.hasInput(2) ? probes.get(0).constant(dropout.input(2)) : null;
        return dropout.hasInput(2) && (mode == null || mode.getLong(0) != 0);
    }

    /** Sizes of a value that vary between the probes as −1; null where the shape is not known. */
    private long @Nullable [] varying(String value) {
        TensorInfo first = probes.get(0).info(value);
        if (first == null) {
            return null;
        }
        long[] sizes = first.shape();
        for (InferredShapes s : probes) {
            TensorInfo info = s.info(value);
            if (info == null || info.rank() != sizes.length) {
                return null;
            }
            for (int a = 0; a < sizes.length; a++) {
                sizes[a] = sizes[a] == info.shape()[a] ? sizes[a] : -1;
            }
        }
        return sizes;
    }

    private Node withConstantShape(Node old, Node n) {
        long[] out = varying(old.output(0));
        if (out == null || !old.hasInput(1) || fixed(old.input(1)) != null) {
            return n;
        }
        long[] in = varying(old.input(0));
        int left = (int) Arrays.stream(out).filter(d -> d < 0).count();
        for (int a = 0; a < out.length && left > 1; a++) {
            if (out[a] < 0 && in != null && a < in.length && copies(old, a)) {
                out[a] = 0;
                left--;
            }
        }
        boolean allowsZero = old.getLong("allowzero", 0) != 0;
        if (left > 1 || (allowsZero && Arrays.stream(out).anyMatch(d -> d == 0))) {
            return n;
        }
        return n.withInput(1, constant(old.name() + ".shape", TensorData.vector(out)));
    }

    /** Whether a Reshape's output has its input's size on an axis, for all sizes of the network's inputs. */
    private boolean copies(Node reshape, int axis) {
        return probes.stream()
                .allMatch(s -> s.shape(reshape.input(0)).length > axis
                        && s.shape(reshape.input(0))[axis] == s.shape(reshape.output(0))[axis]);
    }

    private Node withScales(Node old, Node n) {
        String mode = old.getString("coordinate_transformation_mode", "half_pixel");
        boolean sized = graph.opset() >= 11 && old.hasInput(3) && fixed(old.input(3)) == null;
        if (!sized || old.hasAttribute("axes") || mode.equals("tf_crop_and_resize")) {
            return n;
        }
        float[] scales = null;
        for (InferredShapes s : probes) {
            if (s.info(old.output(0)) == null) {
                return n;
            }
            float[] here = ratio(s.shape(old.output(0)), s.shape(old.input(0)));
            if (scales != null && !Arrays.equals(scales, here)) {
                return n;
            }
            scales = here;
        }
        float[] found = Objects.requireNonNull(scales);
        for (float f : found) {
            // Only ratios that a float holds exactly give the same positions.
            if (!(f > 0) || f * 1024 != Math.rint(f * 1024)) {
                return n;
            }
        }
        String name = constant(old.name() + ".scales", TensorData.ofFloats(found, found.length));
        String roi = graph.opset() >= 13 ? "" : constant(old.name() + ".roi", TensorData.ofFloats(new float[0], 0));
        return n.withInputs(List.of(n.input(0), roi, name));
    }

    /** Sizes of the spatial axes alone, where exporters put the data's own batch size and channels before them. */
    private Node withSpatialSizes(Node old, Node n) {
        Node concat = old.hasInput(3) ? graph.producer(old.input(3)) : null;
        boolean own = probes.stream()
                .allMatch(s -> s.info(old.output(0)) != null
                        && Arrays.equals(
                                Arrays.copyOf(s.shape(old.output(0)), 2), Arrays.copyOf(s.shape(old.input(0)), 2)));
        if (graph.opset() < 18
                || !n.input(3).equals(current(old.input(3)))
                || old.hasAttribute("axes")
                || concat == null
                || !concat.opType().equals("Concat")
                || !own) {
            return n;
        }
        long before = 0;
        List<String> spatial = new ArrayList<>();
        for (String part : concat.inputs()) {
            if (before >= 2) {
                spatial.add(current(part));
            }
            before += probes.get(0).shape(part)[0];
            if (before > 2 && spatial.isEmpty()) {
                return n;
            }
        }
        String sizes = spatial.get(0);
        if (spatial.size() > 1) {
            sizes = graph.freshName(old.name() + ".sizes");
            nodes.add(Node.of(sizes, "Concat", spatial, List.of(sizes), Map.of("axis", Attribute.of(0L))));
        }
        long[] axes = LongStream.range(2, before).toArray();
        return n.withInput(3, sizes).withAttribute("axes", Attribute.of(axes));
    }

    /** Tables of positions, as some exporters index them. */
    private Node asGather(Node old, Node n) {
        TensorData places = fixed(old.input(1));
        if (places == null
                || places.rank() < 2
                || places.size(places.rank() - 1) != 1
                || old.getLong("batch_dims", 0) != 0) {
            return n;
        }
        TensorData flat = places.reshape(Arrays.copyOf(places.shape(), places.rank() - 1));
        List<String> inputs = List.of(n.input(0), constant(old.name() + ".places", flat));
        return Node.of(n.name(), "Gather", inputs, n.outputs(), Map.of("axis", Attribute.of(0L)));
    }

    private static float[] ratio(long[] out, long[] in) {
        float[] r = new float[out.length];
        for (int a = 0; a < r.length; a++) {
            r[a] = (float) ((double) out[a] / in[a]);
        }
        return r;
    }

    private String constant(String base, TensorData value) {
        String name = graph.freshName(base);
        while (constants.containsKey(name)) {
            name = graph.freshName(name + "_");
        }
        constants.put(name, value);
        return name;
    }

    /** The nodes on which an output depends. */
    static List<Node> living(Graph graph, List<Node> nodes) {
        Set<String> needed = new HashSet<>();
        graph.outputs().forEach(v -> needed.add(v.name()));
        List<Node> living = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node n = nodes.get(i);
            if (n.outputs().stream().anyMatch(needed::contains)) {
                needed.addAll(n.inputs());
                for (Attribute a : n.attributes().values()) {
                    if (a instanceof Attribute.Opaque o) {
                        needed.addAll(o.outerValues());
                    }
                }
                living.add(n);
            }
        }
        Collections.reverse(living);
        return living;
    }
}
