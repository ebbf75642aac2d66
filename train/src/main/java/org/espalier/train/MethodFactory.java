package org.espalier.train;

import org.espalier.channels.ChannelGroups;
import org.espalier.method.Method;

/** Attaches a method to the groups of a network when its phase begins. */
@FunctionalInterface
public interface MethodFactory {
    Method attach(ChannelGroups groups, Recipe recipe);
}
