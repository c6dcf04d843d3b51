import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.google.gson.Gson;
import com.netflix.spinnaker.cats.cache.CacheData;
import com.netflix.spinnaker.clouddriver.kubernetes.caching.agent.KubernetesCacheData;
import com.netflix.spinnaker.clouddriver.kubernetes.caching.agent.KubernetesCacheDataConverter;
import com.netflix.spinnaker.clouddriver.kubernetes.description.KubernetesSpinnakerKindMap;
import com.netflix.spinnaker.clouddriver.kubernetes.description.manifest.KubernetesKind;
import com.netflix.spinnaker.clouddriver.kubernetes.description.manifest.KubernetesManifest;
import com.netflix.spinnaker.clouddriver.kubernetes.description.manifest.KubernetesManifestAnnotater;
import com.netflix.spinnaker.clouddriver.kubernetes.names.KubernetesManifestNamer;
import com.netflix.spinnaker.clouddriver.kubernetes.op.handler.KubernetesHandler;
import com.netflix.spinnaker.clouddriver.kubernetes.op.handler.KubernetesUnregisteredCustomResourceHandler;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.stream.Collectors;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AssignableTypeFilter;

/**
 * Asks the unmodified classes of Clouddriver what they make of manifests: {"account", "manifests",
 * "questions"} from standard input, {"rows", "related", "answers"} to the file that is named.
 *
 * <p>What is ours here is the loop of KubernetesCachingAgent.buildCacheResult, without the cluster
 * and the account that it needs; everything that is said of a manifest comes from Clouddriver.
 */
@SuppressWarnings("unchecked")
public class RecordClouddriver {
  /** As CloudDriverConfig makes it; sorted, so that two recordings can be compared. */
  private static final ObjectMapper mapper =
      new ObjectMapper()
          .setSerializationInclusion(JsonInclude.Include.NON_NULL)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  private static final Map<KubernetesKind, KubernetesHandler> handlers = new HashMap<>();
  private static final KubernetesHandler customHandler =
      new KubernetesUnregisteredCustomResourceHandler();

  public static void main(String[] arguments) throws Exception {
    findHandlers();
    // As KubectlJobExecutor reads what kubectl prints: every number becomes a double.
    String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    Input input = new Gson().fromJson(text, Input.class);
    Input again = new Gson().fromJson(text, Input.class); // Manifests are changed on the way.
    Map<String, Object> output = new TreeMap<>();
    output.put("rows", rowsOf(input, false));
    output.put("related", relationshipsOf(rowsOf(again, true)));
    output.put("answers", input.questions.stream().map(m -> answer(m)).collect(Collectors.toList()));
    mapper.writeValue(new File(arguments[0]), output); // Libraries log to standard output.
  }

  public static class Input {
    public String account;
    public List<KubernetesManifest> manifests;
    public List<KubernetesManifest> questions;
  }

  private static void findHandlers() throws Exception {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AssignableTypeFilter(KubernetesHandler.class));
    for (var found : scanner.findCandidateComponents(KubernetesHandler.class.getPackageName())) {
      Class<?> type = Class.forName(found.getBeanClassName());
      if (Arrays.stream(type.getConstructors()).noneMatch(each -> each.getParameterCount() == 0)) {
        continue; // Made for the custom kinds of one account.
      }
      KubernetesHandler handler = (KubernetesHandler) type.getConstructor().newInstance();
      handlers.put(handler.kind(), handler);
    }
  }

  /** One agent for all native kinds that Clouddriver knows, and one for each other kind. */
  private static List<Map<String, Object>> rowsOf(Input input, boolean allApplications) {
    Map<String, List<KubernetesManifest>> byAgent = new TreeMap<>();
    for (KubernetesManifest manifest : input.manifests) {
      KubernetesKind kind = manifest.getKind();
      boolean isCustom = !handlers.containsKey(kind);
      if (isCustom && kind.getApiGroup().isNativeGroup()) continue; // No agent lists these.
      String name = isCustom ? "CustomKubernetes(" + kind + ")" : "KubernetesCoreCachingAgent";
      String agent = input.account + "/" + name + "[1/1]";
      byAgent.computeIfAbsent(agent, none -> new ArrayList<>()).add(manifest);
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    byAgent.forEach(
        (agent, manifests) ->
            rows.addAll(rowsOfAgent(input.account, agent, manifests, allApplications)));
    rows.sort(Comparator.comparing(row -> row.get("agent") + " " + row.get("id")));
    return rows;
  }

  private static List<Map<String, Object>> rowsOfAgent(
      String account,
      String agent,
      List<KubernetesManifest> manifests,
      boolean allApplications) {
    Map<KubernetesKind, List<KubernetesManifest>> all =
        manifests.stream().collect(Collectors.groupingBy(KubernetesManifest::getKind));
    Map<KubernetesManifest, List<KubernetesManifest>> relationships = new HashMap<>();
    for (KubernetesKind kind : all.keySet()) {
      try {
        handlerOf(kind).addRelationships(all, relationships);
      } catch (RuntimeException e) {
        System.err.println("no relationships of " + kind + ": " + e);
      }
    }
    KubernetesCacheData cacheData = new KubernetesCacheData();
    var kindMap = new KubernetesSpinnakerKindMap(List.copyOf(handlers.values()));
    for (KubernetesManifest manifest :
        all.values().stream().flatMap(Collection::stream).collect(Collectors.toList())) {
      handlerOf(manifest.getKind()).removeSensitiveKeys(manifest);
      if (KubernetesManifestAnnotater.getCachingProperties(manifest).isIgnore()) continue;
      KubernetesCacheDataConverter.convertAsResource(
          cacheData,
          account,
          kindMap,
          new KubernetesManifestNamer(),
          manifest,
          relationships.getOrDefault(manifest, List.of()),
          allApplications);
    }
    return cacheData.toCacheData().stream()
        .map(data -> rowOf(agent, data))
        .collect(Collectors.toList());
  }

  /** What rows say of others, without the rest. */
  private static List<Map<String, Object>> relationshipsOf(List<Map<String, Object>> rows) {
    return rows.stream()
        .map(
            row -> {
              var body = new TreeMap<>((Map<String, Object>) row.get("body"));
              body.put("attributes", Map.of());
              return Map.of("id", row.get("id"), "agent", row.get("agent"), "body", body);
            })
        .collect(Collectors.toList());
  }

  private static KubernetesHandler handlerOf(KubernetesKind kind) {
    return handlers.getOrDefault(kind, customHandler);
  }

  private static Map<String, Object> rowOf(String agent, CacheData data) {
    Map<String, Object> attributes = new TreeMap<>(data.getAttributes());
    attributes.remove("cacheExpiry"); // The time of day.
    Map<String, Object> relationships = new TreeMap<>();
    data.getRelationships().forEach((type, ids) -> relationships.put(type, new TreeSet<>(ids)));
    Map<String, Object> body = new TreeMap<>();
    body.put("id", data.getId());
    body.put("ttlSeconds", data.getTtlSeconds());
    body.put("attributes", attributes);
    body.put("relationships", relationships);
    return Map.of("id", data.getId(), "agent", agent, "body", body);
  }

  /** What is said of a manifest alone; without "ignored" when that makes the whole agent fail. */
  private static Map<String, Object> answer(KubernetesManifest manifest) {
    Map<String, Object> answer = new TreeMap<>();
    answer.put("kind", manifest.getKind().toString());
    answer.put("moniker", KubernetesManifestAnnotater.getMoniker(manifest));
    try {
      answer.put("ignored", KubernetesManifestAnnotater.getCachingProperties(manifest).isIgnore());
    } catch (NullPointerException e) {
      System.err.println("no answer for " + manifest.getFullResourceName());
    }
    return answer;
  }
}
