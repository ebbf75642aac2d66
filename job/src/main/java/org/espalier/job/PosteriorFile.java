package org.espalier.job;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.bayes.Posterior;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;

/** A posterior as it stands in {@code posterior.yaml}: μ and log σ of each unit, group by group. */
public record PosteriorFile(Map<String, Map<String, List<Double>>> groups) {
    /** Whoever reads a file may find anything in it. */
    public PosteriorFile {
        if (groups == null) {
            throw new IllegalArgumentException("'groups' must be given");
        }
        groups.forEach((group, values) -> values.forEach((name, numbers) -> {
            if (numbers.stream().anyMatch(v -> !Double.isFinite(v))) {
                throw new IllegalArgumentException("'groups." + group + "." + name + "' must hold finite numbers");
            }
        }));
    }

    static PosteriorFile of(ChannelGroups groups, Posterior posterior) {
        Map<String, Map<String, List<Double>>> all = new LinkedHashMap<>();
        for (ChannelGroup g : groups.groups()) {
            List<Double> mu = new ArrayList<>();
            List<Double> logSigma = new ArrayList<>();
            for (int u = g.offset(); u < g.offset() + g.size(); u++) {
                mu.add(posterior.mu()[u]);
                logSigma.add(posterior.logSigma()[u]);
            }
            // Not Map.of, whose order differs from process to process.
            Map<String, List<Double>> values = new LinkedHashMap<>();
            values.put("mu", mu);
            values.put("log_sigma", logSigma);
            all.put(g.offset() + " " + g.name(), values);
        }
        return new PosteriorFile(all);
    }

    /** The posterior of a network's units. */
    public Posterior posterior(ChannelGroups of) {
        double[] mu = new double[of.units()];
        double[] logSigma = new double[of.units()];
        for (ChannelGroup g : of.groups()) {
            Map<String, List<Double>> values = groups.get(g.offset() + " " + g.name());
            List<Double> m = values == null ? List.of() : values.getOrDefault("mu", List.of());
            List<Double> s = values == null ? List.of() : values.getOrDefault("log_sigma", List.of());
            if (m.size() != g.size() || s.size() != g.size()) {
                throw new InputException(
                        "posterior.yaml: group '" + g.name() + "' must have one mu and log_sigma per unit, expected "
                                + g.size() + ", found " + m.size() + " and " + s.size());
            }
            for (int i = 0; i < g.size(); i++) {
                mu[g.offset() + i] = m.get(i);
                logSigma[g.offset() + i] = s.get(i);
            }
        }
        return new Posterior(mu, logSigma);
    }
}
