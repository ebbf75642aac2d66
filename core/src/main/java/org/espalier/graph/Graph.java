package org.espalier.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A network: nodes in an order in which each comes after what it reads, named inputs and outputs, and constants.
 *
 * <p>Immutable, and valid from construction on: each name is defined once, nothing undefined is read, there is no cycle, and node names
 * are unique and not empty (missing ones are made from the operator and a number). Operators and shapes are not checked here but where
 * they are needed (see {@code org.espalier.ops}).
 */
public final class Graph {
    private final String name;
    private final Map<String, Long> opsets;
    private final List<Value> inputs;
    private final List<Value> outputs;
    private final List<Node> nodes;
    private final Map<String, TensorData> initializers;
    private final Map<String, String> metadata;
    private final Map<String, Node> producers = new HashMap<>();
    private final Map<String, List<Node>> consumers = new HashMap<>();
    private final Set<String> inputNames = new HashSet<>();
    private final Set<String> outputNames = new HashSet<>();

    /**
     * Creates a graph, sorting its nodes.
     *
     * @param name its name
     * @param opsets operator set versions by domain; the empty domain is ONNX's own
     * @param inputs the inputs
     * @param outputs the outputs
     * @param nodes the nodes
     * @param initializers the constants by name
     * @throws GraphException if a name is defined twice or never, or nodes form a cycle
     */
    public Graph(
            String name,
            Map<String, Long> opsets,
            List<Value> inputs,
            List<Value> outputs,
            List<Node> nodes,
            Map<String, TensorData> initializers) {
        this(name, opsets, inputs, outputs, nodes, initializers, Map.of());
    }

    /**
     * Creates a graph, sorting its nodes.
     *
     * @param name its name
     * @param opsets operator set versions by domain; the empty domain is ONNX's own
     * @param inputs the inputs
     * @param outputs the outputs
     * @param nodes the nodes
     * @param initializers the constants by name
     * @param metadata whatever the file says about the network, by key; carried along
     * @throws GraphException if a name is defined twice or never, or nodes form a cycle
     */
    public Graph(
            String name,
            Map<String, Long> opsets,
            List<Value> inputs,
            List<Value> outputs,
            List<Node> nodes,
            Map<String, TensorData> initializers,
            Map<String, String> metadata) {
        this.name = name;
        this.opsets = Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
        this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        List<Node> named = uniqueNames(nodes);
        index(named);
        this.nodes = sort(named);
    }

    private static List<Node> uniqueNames(List<Node> nodes) {
        Set<String> taken = new LinkedHashSet<>();
        for (Node n : nodes) {
            taken.add(n.name());
        }
        Set<String> seen = new LinkedHashSet<>();
        Map<String, Integer> counters = new HashMap<>();
        List<Node> out = new ArrayList<>(nodes.size());
        for (Node n : nodes) {
            if (!n.name().isEmpty() && seen.add(n.name())) {
                out.add(n);
                continue;
            }
            String base = n.name().isEmpty() ? n.opType() : n.name();
            String fresh;
            do {
                fresh = base + "_" + counters.merge(base, 1, Integer::sum);
            } while (taken.contains(fresh) || !seen.add(fresh));
            out.add(new Node(fresh, n.opType(), n.domain(), n.inputs(), n.outputs(), n.attributes()));
        }
        return out;
    }

    private void index(List<Node> named) {
        Set<String> defined = new HashSet<>(initializers.keySet());
        for (Value v : inputs) {
            inputNames.add(v.name());
            if (!defined.add(v.name())) {
                throw new GraphException("graph '" + name + "': value '" + v.name() + "' is defined twice");
            }
        }
        for (Node n : named) {
            for (String o : n.outputs()) {
                if (o.isEmpty()) {
                    continue;
                }
                if (!defined.add(o)) {
                    throw new GraphException(n.label() + ": output '" + o + "' is defined twice");
                }
                producers.put(o, n);
            }
        }
        for (Node n : named) {
            for (String i : reads(n)) {
                if (!defined.contains(i)) {
                    throw new GraphException(
                            n.label() + ": input '" + i + "' is not defined by any node, input or constant");
                }
                consumers.computeIfAbsent(i, k -> new ArrayList<>()).add(n);
            }
        }
        for (Value v : outputs) {
            if (!outputNames.add(v.name())) {
                throw new GraphException("graph '" + name + "': output '" + v.name() + "' is declared twice");
            }
            if (!defined.contains(v.name())) {
                throw new GraphException("graph '" + name + "': output '" + v.name() + "' is not defined by any node");
            }
        }
    }

    /** The values that a node reads, each once, its subgraphs' included; absent inputs left out. */
    private static Collection<String> reads(Node n) {
        List<String> names = new ArrayList<>(n.inputs().size());
        for (String i : n.inputs()) {
            if (!i.isEmpty()) {
                names.add(i);
            }
        }
        for (Attribute a : n.attributes().values()) {
            if (a instanceof Attribute.Opaque o) {
                names.addAll(o.outerValues());
            }
        }
        return names.size() < 2 ? names : new LinkedHashSet<>(names);
    }

    /** Kahn's algorithm; among nodes that could come next the one listed first comes first, so that order is stable. */
    private List<Node> sort(List<Node> named) {
        int[] missing = new int[named.size()];
        PriorityQueue<Integer> ready = new PriorityQueue<>();
        IdentityHashMap<Node, Integer> position = new IdentityHashMap<>(named.size());
        for (int i = 0; i < missing.length; i++) {
            Node n = named.get(i);
            position.put(n, i);
            for (String in : reads(n)) {
                missing[i] += producers.containsKey(in) ? 1 : 0;
            }
            if (missing[i] == 0) {
                ready.add(i);
            }
        }
        List<Node> sorted = new ArrayList<>(named.size());
        while (!ready.isEmpty()) {
            Node n = named.get(ready.remove());
            sorted.add(n);
            for (String o : n.outputs()) {
                for (Node c : o.isEmpty() ? List.<Node>of() : consumers(o)) {
                    int at = Objects.requireNonNull(position.get(c));
                    if (--missing[at] == 0) {
                        ready.add(at);
                    }
                }
            }
        }
        if (sorted.size() < named.size()) {
            throw new GraphException(
                    onCycle(named, sorted).label() + ": is part of a cycle, expected a graph without one");
        }
        return List.copyOf(sorted);
    }

    /** A node of a cycle: going backwards among the nodes that could not be sorted, one of them comes again. */
    private Node onCycle(List<Node> named, List<Node> sorted) {
        Set<Node> unsorted = Collections.newSetFromMap(new IdentityHashMap<>());
        unsorted.addAll(named);
        sorted.forEach(unsorted::remove);
        Node at = named.stream().filter(unsorted::contains).findFirst().orElseThrow();
        Set<Node> visited = Collections.newSetFromMap(new IdentityHashMap<>());
        while (visited.add(at)) {
            at = reads(at).stream()
                    .map(producers::get)
                    .filter(p -> p != null && unsorted.contains(p))
                    .findFirst()
                    .orElseThrow();
        }
        return at;
    }

    /** {@return the name of the network} */
    public String name() {
        return name;
    }

    /** {@return operator set versions by domain; the empty domain is ONNX's own} */
    public Map<String, Long> opsets() {
        return opsets;
    }

    /** {@return the version of ONNX's own operator set} */
    public long opset() {
        return opsets.getOrDefault("", 1L);
    }

    /** {@return what the file says about the network ({@code metadata_props}), by key} */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** {@return the inputs that have no value of their own} */
    public List<Value> inputs() {
        return inputs;
    }

    /** {@return the outputs in their order} */
    public List<Value> outputs() {
        return outputs;
    }

    /** {@return nodes in an order in which each comes after what it reads} */
    public List<Node> nodes() {
        return nodes;
    }

    /** {@return constants by name, in the file's order} */
    public Map<String, TensorData> initializers() {
        return initializers;
    }

    /**
     * The constant of that name, or null.
     *
     * @param valueName the value's name
     * @return the constant of that name, or null
     */
    public @Nullable TensorData initializer(String valueName) {
        return initializers.get(valueName);
    }

    /**
     * The node that computes a value, or null for inputs and constants.
     *
     * @param valueName the value's name
     * @return the node that computes a value, or null for inputs and constants
     */
    public @Nullable Node producer(String valueName) {
        return producers.get(valueName);
    }

    /**
     * The nodes that read a value, each once.
     *
     * @param valueName the value's name
     * @return the nodes that read a value, each once
     */
    public List<Node> consumers(String valueName) {
        return Collections.unmodifiableList(consumers.getOrDefault(valueName, List.of()));
    }

    /**
     * Whether a value is one of the graph's outputs.
     *
     * @param valueName the value's name
     * @return whether a value is one of the graph's outputs
     */
    public boolean isOutput(String valueName) {
        return outputNames.contains(valueName);
    }

    /**
     * Whether a value is one of the graph's inputs.
     *
     * @param valueName the value's name
     * @return whether a value is one of the graph's inputs
     */
    public boolean isInput(String valueName) {
        return inputNames.contains(valueName);
    }

    /**
     * The same interface with other nodes and constants; constants that nobody reads are dropped.
     *
     * @param newNodes the nodes
     * @param newInitializers the constants by name
     * @return the same interface with other nodes and constants
     */
    public Graph with(List<Node> newNodes, Map<String, TensorData> newInitializers) {
        Set<String> read = new LinkedHashSet<>();
        newNodes.forEach(n -> read.addAll(reads(n)));
        outputs.forEach(v -> read.add(v.name()));
        Map<String, TensorData> used = new LinkedHashMap<>(newInitializers);
        used.keySet().retainAll(read);
        return new Graph(name, opsets, inputs, outputs, newNodes, used, metadata);
    }

    /**
     * The same nodes with some constants replaced.
     *
     * @param replaced the new values by name
     * @return the same nodes with some constants replaced
     */
    public Graph withInitializers(Map<String, TensorData> replaced) {
        Map<String, TensorData> all = new LinkedHashMap<>(initializers);
        all.putAll(replaced);
        return new Graph(name, opsets, inputs, outputs, nodes, all, metadata);
    }

    /**
     * The same network with other outputs, without what none of them needs.
     *
     * @param newOutputs values of this network
     * @return the network that computes them
     */
    public Graph withOutputs(List<Value> newOutputs) {
        Set<String> needed = new HashSet<>();
        newOutputs.forEach(v -> needed.add(v.name()));
        List<Node> living = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (nodes.get(i).outputs().stream().anyMatch(needed::contains)) {
                needed.addAll(reads(nodes.get(i)));
                living.add(nodes.get(i));
            }
        }
        Collections.reverse(living);
        Map<String, TensorData> used = new LinkedHashMap<>(initializers);
        used.keySet().retainAll(needed);
        return new Graph(name, opsets, inputs, newOutputs, living, used, metadata);
    }

    /**
     * A name that starts with {@code base} and that no value of this graph has.
     *
     * @param base what the name starts with
     * @return a name that starts with {@code base} and that no value of this graph has
     */
    public String freshName(String base) {
        String candidate = base;
        for (int i = 1; isDefined(candidate); i++) {
            candidate = base + "_" + i;
        }
        return candidate;
    }

    private boolean isDefined(String valueName) {
        return initializers.containsKey(valueName) || producers.containsKey(valueName) || isInput(valueName);
    }
}
