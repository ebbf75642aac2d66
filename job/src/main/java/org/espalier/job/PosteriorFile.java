package org.espalier.job;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.espalier.bayes.Posterior;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.io.ChecksummedFile;

/**
 * The posterior of a network's units as it stands in {@code posterior.bin}: a {@link ChecksummedFile} of the number of groups, each group's
 * name (its length in bytes and UTF-8), first unit and number of units, then the number of all units, μ of each and log σ of each. Numbers
 * are big-endian, of 32 bits or of 64 for μ and log σ.
 */
public final class PosteriorFile {
    private static final ChecksummedFile FORMAT = new ChecksummedFile("ESPALPO1");

    private final String source;
    private final List<Group> groups;
    private final Posterior posterior;

    /**
     * Units that come and go together.
     *
     * @param offset the first one's place among all
     */
    private record Group(String name, int offset, int size) {
        static Group of(ChannelGroup g) {
            return new Group(g.name(), g.offset(), g.size());
        }
    }

    private PosteriorFile(String source, List<Group> groups, Posterior posterior) {
        this.source = source;
        this.groups = groups;
        this.posterior = posterior;
    }

    /** Writes the posterior of a network's units. */
    static void write(OutputStream raw, ChannelGroups groups, Posterior posterior) throws IOException {
        FORMAT.write(raw, out -> {
            out.writeInt(groups.groups().size());
            for (ChannelGroup g : groups.groups()) {
                byte[] name = g.name().getBytes(StandardCharsets.UTF_8);
                out.writeInt(name.length);
                out.write(name);
                out.writeInt(g.offset());
                out.writeInt(g.size());
            }
            out.writeInt(groups.units());
            write(out, posterior.mu());
            write(out, posterior.logSigma());
        });
    }

    private static void write(DataOutputStream out, double[] values) throws IOException {
        for (double v : values) {
            out.writeDouble(v);
        }
    }

    /**
     * Reads a file.
     *
     * @throws InputException if it is damaged, or of another version of the program
     * @throws IOException if it cannot be read
     */
    static PosteriorFile read(Path file) throws IOException {
        try {
            long size = Files.size(file);
            return FORMAT.read(file, in -> read(file.toString(), size, in));
        } catch (ChecksummedFile.DamagedException | ChecksummedFile.VersionException e) {
            throw new InputException(
                    file + ": " + e.getMessage() + "; only the run that wrote it can make it again", e);
        }
    }

    private static PosteriorFile read(String source, long size, DataInputStream in) throws IOException {
        int count = count(in, size);
        List<Group> groups = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = new String(in.readNBytes(count(in, size)), StandardCharsets.UTF_8);
            groups.add(new Group(name, in.readInt(), in.readInt()));
        }
        int units = count(in, size / Double.BYTES);
        return new PosteriorFile(source, List.copyOf(groups), new Posterior(doubles(in, units), doubles(in, units)));
    }

    /** A number of things, of which there cannot be more than the file has room for. */
    private static int count(DataInputStream in, long most) throws IOException {
        int n = in.readInt();
        if (n < 0 || n > most) {
            throw new IOException("has a count out of range, found " + n);
        }
        return n;
    }

    private static double[] doubles(DataInputStream in, int count) throws IOException {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.readDouble();
            if (!Double.isFinite(values[i])) {
                throw new IOException("unit " + i + " must have numbers, found " + values[i]);
            }
        }
        return values;
    }

    /**
     * The posterior of a network's units.
     *
     * @param of the groups of the network that the posterior was learned for
     * @return the posterior, in the groups' order
     * @throws InputException if the file is of a network with other units
     */
    public Posterior posterior(ChannelGroups of) {
        List<Group> wanted = of.groups().stream().map(Group::of).toList();
        if (!wanted.equals(groups) || posterior.mu().length != of.units()) {
            throw new InputException(
                    source + ": must be of the trained network's units, expected " + wanted + ", found " + groups);
        }
        return posterior;
    }
}
