package org.espalier.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** CIFAR-10's folders of pictures with few, plain pictures: the first pixel is full of red, others by class. */
public final class TinyCifar {
    private static final List<String> CLASSES =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

    private TinyCifar() {}

    /** Writes so many pictures per class, and returns the folder. */
    public static Path write(Path folder, int train, int test) throws IOException {
        for (int c = 0; c < CLASSES.size(); c++) {
            for (int i = 0; i < train + test; i++) {
                BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
                image.getRaster().setSample(0, 0, 0, 255);
                image.getRaster().setSample(31 - i, 31, c % 3, 100 + c);
                Path of = folder.resolve(i < train ? "train" : "test").resolve(CLASSES.get(c));
                ImageIO.write(
                        image,
                        "png",
                        Files.createDirectories(of).resolve(i + ".png").toFile());
            }
        }
        return folder;
    }
}
