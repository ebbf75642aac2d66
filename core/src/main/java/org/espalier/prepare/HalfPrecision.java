package org.espalier.prepare;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/**
 * Networks in float16 or bfloat16: widened to float32 for all work on them, narrowed for the file that comes out.
 *
 * <p>Both directions keep every weight that nothing changed bit for bit: float32 holds all half-precision numbers.
 *
 * <p>Subgraphs (bodies of If, Loop, Scan) stay as they are in both directions, and so want what they read around them as it was given. A wide
 * network that has some can be analysed, shrunk and narrowed, but not executed.
 */
public final class HalfPrecision {
    private HalfPrecision() {}

    private static boolean isHalf(ElementType type) {
        return type == ElementType.FLOAT16 || type == ElementType.BFLOAT16;
    }

    /**
     * The half-precision type of a network's inputs, outputs, constants or casts; null where all are wider.
     *
     * @param graph the network
     * @return the half-precision type of a network's inputs, outputs, constants or casts
     */
    public static @Nullable ElementType of(Graph graph) {
        Stream<ElementType> declared =
                Stream.concat(graph.inputs().stream(), graph.outputs().stream()).map(Value::type);
        Stream<ElementType> constants = graph.initializers().values().stream().map(TensorData::type);
        Stream<ElementType> made = graph.nodes().stream()
                .flatMap(n -> n.attributes().values().stream())
                .filter(Attribute.OfTensor.class::isInstance)
                .map(a -> ((Attribute.OfTensor) a).value().type());
        return Stream.of(declared, constants, made, graph.nodes().stream().flatMap(HalfPrecision::target))
                .flatMap(s -> s)
                .filter(HalfPrecision::isHalf)
                .findFirst()
                .orElse(null);
    }

    /** The type that a Cast makes, where it is half precision. */
    private static Stream<ElementType> target(Node n) {
        long to = n.opType().equals("Cast") && n.hasAttribute("to") ? n.getLong("to", 0) : 0;
        return Stream.of(ElementType.FLOAT16, ElementType.BFLOAT16).filter(t -> t.onnx() == to);
    }

    /** Values around it that a node's subgraphs read. */
    private static Stream<String> readInSubgraphs(Node n) {
        return n.attributes().values().stream()
                .filter(Attribute.Opaque.class::isInstance)
                .flatMap(a -> ((Attribute.Opaque) a).outerValues().stream());
    }

    /**
     * The same network computing in float32 throughout; itself where nothing in it is half precision.
     *
     * @param graph the network
     * @return the same network computing in float32 throughout
     */
    public static Graph widen(Graph graph) {
        if (of(graph) == null) {
            return graph;
        }
        Map<String, TensorData> constants = new LinkedHashMap<>();
        graph.initializers().forEach((name, t) -> constants.put(name, widen(t)));
        return new Graph(
                graph.name(),
                graph.opsets(),
                graph.inputs().stream().map(HalfPrecision::widen).toList(),
                graph.outputs().stream().map(HalfPrecision::widen).toList(),
                graph.nodes().stream().map(HalfPrecision::widen).toList(),
                constants,
                graph.metadata());
    }

    private static TensorData widen(TensorData t) {
        return isHalf(t.type()) ? t.as(ElementType.FLOAT) : t;
    }

    /**
     * A declared value in float32 if it was half precision.
     *
     * @param v the declared value
     * @return a declared value in float32 if it was half precision
     */
    public static Value widen(Value v) {
        return isHalf(v.type()) ? new Value(v.name(), ElementType.FLOAT, v.shape()) : v;
    }

    private static Node widen(Node node) {
        Node n = node;
        for (Map.Entry<String, Attribute> a : node.attributes().entrySet()) {
            if (a.getValue() instanceof Attribute.OfTensor t && isHalf(t.value().type())) {
                n = n.withAttribute(a.getKey(), Attribute.of(widen(t.value())));
            }
        }
        return target(n).findAny().isPresent() ? n.withAttribute("to", Attribute.of(ElementType.FLOAT.onnx())) : n;
    }

    /**
     * A network in float32 with the types of another one. Each node computes in the type in which the model computes the value of the same
     * name; nodes that the model lacks go by their first input. Where types of the model are not known (behind an operator that is not), what
     * a node reads has the type that it has there. Casts stand where types meet. Constants that subgraphs read keep their names.
     *
     * @param graph made from {@code model}, with float32 where the model has half precision
     * @param model that says the types
     * @return a network in float32 with the types of another one
     * @throws GraphException if a weight is too large for its type
     */
    public static Graph narrow(Graph graph, Graph model) {
        ElementType half = of(model);
        return half == null ? graph : new Narrowing(graph, model, half).run();
    }

    private static final class Narrowing {
        private final Graph graph;
        private final Graph model;
        private final InferredShapes was;
        private final InferredShapes wide;
        private final ElementType half;
        private final Map<String, TensorData> constants = new LinkedHashMap<>();
        private final List<Node> nodes = new ArrayList<>();
        /** The type that each value has by now. */
        private final Map<String, ElementType> types = new HashMap<>();
        /** Names of values and constants in other types than their first, by name and type. */
        private final Map<String, String> copies = new HashMap<>();

        Narrowing(Graph graph, Graph model, ElementType half) {
            this.graph = graph;
            this.model = model;
            this.half = half;
            this.was = InferredShapes.infer(model, 2);
            this.wide = InferredShapes.infer(graph, 2);
            model.inputs().forEach(v -> types.put(v.name(), v.type()));
        }

        Graph run() {
            graph.initializers().forEach((name, t) -> {
                if (t.type() != ElementType.FLOAT) {
                    constants.put(name, t);
                }
            });
            // First, so that the name stands for the type that the subgraph expects.
            graph.nodes().stream()
                    .flatMap(HalfPrecision::readInSubgraphs)
                    .filter(v -> wide.type(v) == ElementType.FLOAT && graph.initializer(v) != null)
                    .forEach(v -> in(was.info(v) == null ? half : was.type(v), v));
            graph.nodes().forEach(this::add);
            Map<String, ElementType> declared = new HashMap<>();
            model.outputs().forEach(v -> declared.put(v.name(), v.type()));
            graph.outputs().stream()
                    .filter(v -> graph.initializer(v.name()) != null)
                    .forEach(v -> in(declared.getOrDefault(v.name(), half), v.name()));
            List<Value> outputs = graph.outputs().stream()
                    .map(v -> new Value(v.name(), declared.getOrDefault(v.name(), v.type()), v.shape(), v.other()))
                    .toList();
            List<Value> inputs = graph.inputs().stream()
                    .map(v -> new Value(v.name(), types.getOrDefault(v.name(), v.type()), v.shape()))
                    .toList();
            return new Graph(graph.name(), graph.opsets(), inputs, outputs, nodes, constants, graph.metadata());
        }

        private void add(Node node) {
            ElementType type = typeOf(node);
            Node n = node;
            for (int i = 0; i < node.inputs().size() && !node.opType().equals("Cast"); i++) {
                String in = node.input(i);
                if (!in.isEmpty() && wide.type(in) == ElementType.FLOAT) {
                    n = n.withInput(i, in(staysFloat(node, i) ? ElementType.FLOAT : typeRead(node, i, type), in));
                }
            }
            if (node.opType().equals("Cast")
                    && graph.initializer(node.input(0)) != null
                    && wide.type(node.input(0)) == ElementType.FLOAT) {
                n = n.withInput(0, in(was.info(node.input(0)) == null ? half : was.type(node.input(0)), node.input(0)));
            }
            if (node.opType().equals("Cast") && node.getLong("to", 1) == ElementType.FLOAT.onnx()) {
                n = n.withAttribute("to", Attribute.of(type.onnx()));
            }
            for (Map.Entry<String, Attribute> a : node.attributes().entrySet()) {
                if (a.getValue() instanceof Attribute.OfTensor t && t.value().type() == ElementType.FLOAT) {
                    n = n.withAttribute(a.getKey(), Attribute.of(rounded(node.label(), t.value(), type)));
                }
            }
            nodes.add(n);
            node.outputs().forEach(out -> types.put(out, type));
        }

        /**
         * Inputs that ONNX wants in float32 whatever the others are, scales and region of a Resize; and those that may be, and are: statistics
         * of a batch normalisation.
         */
        private boolean staysFloat(Node n, int i) {
            if (n.opType().equals("BatchNormalization")) {
                TensorData given = model.initializer(n.input(i));
                return i > 0 && given != null && given.type() == ElementType.FLOAT;
            }
            return i > 0 && (n.opType().equals("Resize") || n.opType().equals("Upsample"));
        }

        /** The type in which a node reads an input: its own, or where that is not known the input's in the model. */
        private ElementType typeRead(Node n, int i, ElementType own) {
            Node given = was.info(n.output(0)) == null ? model.producer(n.output(0)) : null;
            TensorInfo read = given == null ? null : was.info(given.input(i));
            return read == null || !read.type().isFloating() ? own : read.type();
        }

        private ElementType typeOf(Node n) {
            for (String out : n.outputs()) {
                if (!out.isEmpty() && was.info(out) != null && was.type(out).isFloating()) {
                    return was.type(out);
                }
            }
            Node given = model.producer(n.output(0));
            if (given != null && given.opType().equals("Cast") && given.getLong("to", 0) == ElementType.FLOAT.onnx()) {
                return ElementType.FLOAT;
            }
            for (String in : n.inputs()) {
                ElementType known = types.get(in);
                if (known != null && wide.type(in) == ElementType.FLOAT) {
                    return known;
                }
            }
            return half;
        }

        /** The name of a float32 value in a type. */
        private String in(ElementType type, String value) {
            TensorData constant = graph.initializer(value);
            ElementType now = types.getOrDefault(value, ElementType.FLOAT);
            if (constant == null ? now == type : !types.containsKey(value) || now == type) {
                if (constant != null && !constants.containsKey(value)) {
                    constants.put(value, rounded("constant '" + value + "'", constant, type));
                    types.put(value, type);
                }
                return value;
            }
            return copies.computeIfAbsent(value + " " + type, key -> {
                String name = graph.freshName(value + "." + type);
                if (constant != null) {
                    constants.put(name, rounded("constant '" + value + "'", constant, type));
                } else {
                    nodes.add(Node.of(
                            name, "Cast", List.of(value), List.of(name), Map.of("to", Attribute.of(type.onnx()))));
                }
                return name;
            });
        }

        private static TensorData rounded(String where, TensorData t, ElementType type) {
            TensorData r = t.as(type);
            for (int i = 0; isHalf(type) && i < r.elements(); i++) {
                if (Double.isInfinite(r.getDouble(i)) && !Double.isInfinite(t.getDouble(i))) {
                    throw new GraphException(where + ": value must fit " + type + ", found " + t.getDouble(i));
                }
            }
            return r;
        }
    }
}
