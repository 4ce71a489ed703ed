/** The page of `/metrics`, whose library is loaded when the first scrape comes: most dnodes start without one. */
import type { MetricsPage, MetricsSources } from './metrics.ts';

/** A function that makes the page of one scrape. */
export function scraper(sources: MetricsSources): () => Promise<MetricsPage> {
  let page: Promise<() => Promise<MetricsPage>> | undefined;
  return async () => {
    page ??= import('./metrics.ts').then(({ metricsPage }) => metricsPage(sources));
    return (await page)();
  };
}
